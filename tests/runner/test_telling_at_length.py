"""However long a run is: its log is as large as what it shows, and it is told seldom."""

from rig.told import ToldRun


def test_ten_thousand_cells_cost_what_they_show() -> None:
    run = ToldRun(10_000)
    for cell in range(10_000):
        run.begin(cell)
        run.print(cell, f"cell {cell}: {'x' * 300}\n")
        run.end(cell)
        run.passes(0.1)
    run.teller.end(until=lambda: 0.0)

    shown = len(str(run.notebook))
    assert run.replayed() == run.notebook
    # Linear, whatever is told again: nothing grows with the cells times the times.
    assert run.kept.sent < 5 * shown
    assert run.kept.most < 3.5 * shown
    assert run.kept.writes <= 1000 / 5 + 1


def test_two_hours_of_a_line_each_second_are_a_line_each_second() -> None:
    run = ToldRun(1)
    run.begin(0)
    for second in range(7200):
        run.print(0, f"second {second}\n")
        run.passes(1)
    run.teller.end(until=lambda: 0.0)

    assert run.replayed()["cells"][0]["outputs"][0]["text"].count("\n") == 7200
    assert run.kept.writes <= 7200 / 5 + 1
    # The lines themselves, and what says where they go.
    assert run.kept.sent < 13 * 7200 + 200 * run.kept.writes


def test_a_bar_that_is_drawn_anew_for_two_hours_leaves_a_small_log() -> None:
    run = ToldRun(1)
    run.begin(0)
    for second in range(7200):
        run.redraw(0, f"{second:020000}")
        run.passes(1)
    run.teller.end(until=lambda: 0.0)

    assert run.replayed() == run.notebook
    assert run.kept.most < 3.5 * 1024 * 1024


def test_a_large_chart_is_sent_once_however_often_all_is_told_again() -> None:
    run = ToldRun(2)
    run.begin(0)
    chart = {"image/png": "iVBOR" * 200_000}
    run.show(0, {"output_type": "display_data", "data": chart, "metadata": {}})
    run.end(0)
    run.begin(1)
    for second in range(300):
        run.redraw(1, f"{second:03}\n" * 10_000)
        run.passes(5)
    run.teller.end(until=lambda: 0.0)

    again = [batch for batch in run.kept.batches if batch.is_snapshot]
    told = sum(len(batch.data) for batch in run.kept.batches if not batch.is_snapshot)
    assert run.replayed() == run.notebook
    assert len(again) >= 3
    assert all(batch.short and len(batch.short) < 100_000 < len(batch.data) for batch in again)
    assert run.kept.sent < told + len(again) * 100_000

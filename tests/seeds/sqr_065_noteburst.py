"""The design note of Noteburst, sentence by sentence, and what proves that Podbook does it."""

from typing import Final

from tests.seeds.sentence import Sentence, prose, proved

WALK: Final = "seeds/test_sqr_065_noteburst.py"
JOBS: Final = "api/surfaces/test_noteburst.py::TestNoteburst"
CLIENTS: Final = "api/surfaces/test_unchanged_clients.py"
POLLED: Final = f"{WALK}::test_a_notebook_is_handed_in_polled_for_and_fetched"
WAITED: Final = f"{WALK}::test_a_synchronous_request_brings_the_executed_notebook"
TOLD: Final = f"{WALK}::test_a_webhook_brings_the_notebook_into_the_cache_without_polling"
OWN_RUNS: Final = f"{WALK}::test_novel_parameters_are_executions_of_their_own"
AT_ONCE: Final = f"{WALK}::test_jobs_run_at_the_same_time_each_in_a_kernel_of_its_own"
QUEUED: Final = f"{JOBS}::test_a_job_from_queued_to_complete"

_STORY: Final = "how things stood when the note was written"
_MARKUP: Final = "a comment in the note's source"

_USE_CASES: Final = [
    prose(".. Please do not modify tocdepth", _MARKUP),
    prose("Jupyter Notebooks are a widely used medium", _STORY),
    prose("Until now, Jupyter Notebooks have only been accessible", _STORY),
    proved(
        'There are applications where we can benefit from "headless" execution',
        POLLED,
        f"{CLIENTS}::test_noteburst_clients_get_their_notebook_back",
    ),
    prose("This technical note discusses", "what the note is about"),
    prose("There are not strict requirements on Noteburst", "what the note is about"),
    prose("These requirements can frame", "what the note is about"),
    proved(
        "In the Times Square use case, users are visiting web pages",
        f"{WALK}::test_a_page_shows_a_rendering_of_the_executed_notebook",
        "api/pages/test_page.py",
    ),
    proved("Although Times Square will cache executed Jupyter Notebooks", OWN_RUNS),
    proved("Furthermore multiple users may visit different novel pages", OWN_RUNS, AT_ONCE),
    prose(".. The front-end application will need to deal with delays", _MARKUP),
]

_DELAYS: Final = [
    proved(
        "Is an asynchronous API and job queue required",
        QUEUED,
        "operator/reconcile/test_slots.py::test_the_oldest_is_first_however_late_it_asks",
        "operator/process/test_operator.py::test_queued_executions_are_not_written_to",
    ),
    proved("In a synchronous API, a client would request a notebook execution", WAITED),
    proved(
        "This synchronous API requires that the notebook can be returned within the period",
        "api/under_load/test_outages.py::test_a_call_that_waits_long_is_kept_alive",
        "api/under_load/test_replicas.py::test_waiting_answers_as_soon_as_the_run_has_ended",
    ),
    proved(
        "Responding with an executed notebook can be delayed",
        QUEUED,
        f"{JOBS}::test_a_run_that_took_too_long_is_no_success",
    ),
    proved(
        "1. The JupyterLab pod needs to spawn.",
        QUEUED,
        "operator/process/test_operator.py"
        "::test_an_attempt_that_was_never_claimed_is_made_again_within_the_limit",
    ),
    proved(
        "2. The notebook takes a certain duration to execute",
        f"{WALK}::test_a_notebook_makes_requests_of_its_own",
        f"{JOBS}::test_timeouts_are_seconds_or_words",
    ),
    proved(
        "3. The JupyterLab pod may already be in use by another noteburst client job",
        AT_ONCE,
        "operator/reconcile/test_slots.py::test_a_slot_that_is_released_goes_to_the_next",
    ),
    proved("It is unclear whether noteburst can run multiple notebook executions", AT_ONCE),
    proved("This needs to be tested", AT_ONCE),
]

_STEPS: Final = [
    proved("In an asynchronous API the client would follow these steps", POLLED, QUEUED),
    proved(
        "1. Request a notebook execution by sending the notebook",
        POLLED,
        f"{JOBS}::test_the_source_is_text_however_it_was_handed_in",
    ),
    proved(
        "Noteburst would reply with a job ID.",
        f"{JOBS}::test_the_submission_answers_with_the_job",
    ),
    proved(
        "2. The client would pole a job status endpoint",
        QUEUED,
        f"{CLIENTS}::test_noteburst_clients_end_whatever_the_end",
    ),
    proved("3. The client would request the executed notebook content", POLLED, QUEUED),
    proved("A variation on this API is to use webhooks", TOLD),
    proved("1. Request a notebook execution by sending", TOLD),
    proved(
        "Also send a webhook callback URL and a secret key.",
        TOLD,
        "api/executions/test_webhooks.py::test_runs_of_inline_notebooks_have_it_too",
        "api/executions/test_webhooks.py::test_the_secret_is_shown_nowhere",
    ),
    proved(
        "2. Once noteburst executes the notebook, it sends a ``POST`` request",
        TOLD,
        "operator/notifications/test_webhooks.py::test_the_end_is_told_with_a_signature",
    ),
    proved(
        "The webhook model is ideal for Times Square since any Times Square API pod",
        TOLD,
        "api/under_load/test_replicas.py::test_a_call_is_accepted_and_can_be_read_at_once_on_every_replica",
    ),
    proved("Times Square would need to provide an additional API", TOLD),
    proved("Overall, a synchronous API is much easier to implement.", WAITED),
    proved(
        "However our experience with other systems",
        "path/test_4_kill_9.py::test_a_part_killed_at_any_moment_changes_nothing",
        "operator/notifications/test_webhooks.py::test_an_end_that_nobody_was_told_of_is_told_after_a_restart",
    ),
    prose(".. .. rubric:: References", _MARKUP),
    prose(".. Make in-text citations", _MARKUP),
    prose(".. .. bibliography::", _MARKUP),
]

SENTENCES: Final[list[Sentence]] = [*_USE_CASES, *_DELAYS, *_STEPS]

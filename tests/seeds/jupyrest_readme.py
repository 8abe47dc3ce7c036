"""jupyrest's README, sentence by sentence, and what proves that Podbook does as it says."""

from typing import Final

from tests.seeds.sentence import Sentence, prose, proved

WALK: Final = "seeds/test_jupyrest_readme.py"
CELL: Final = "runner/parameters/test_parameters_cell.py"
PLACE: Final = "runner/parameters/test_parameters_place.py"
OLD_COMMANDS: Final = "sdk/cli/test_cli.py::test_the_old_command_line_still_serves"

_USAGE: Final = [
    proved(
        "Jupyrest is a tool that can turn a notebook into a REST API with predefined",
        f"{WALK}::test_the_post_answers_with_id_status_notebook_and_parameters",
        f"{WALK}::test_the_config_file_is_the_contract_of_the_input",
    ),
    proved(
        "This is built upon the [papermill]",
        f"{PLACE}::test_other_languages_are_written_by_papermill",
        "runner/cells/test_pathologies.py::test_the_executed_notebook_can_be_read_with_scrapbook",
        "runner/reporting/test_output.py::test_scraps_that_others_glued_are_the_output",
    ),
    prose("Suppose you have a notebook `analysis.ipynb`", "the example's story"),
    prose("At the end of the notebook, you determine", "the example's story"),
    proved(
        "You can quickly make your work available as a web api by including",
        f"{WALK}::test_the_post_answers_with_id_status_notebook_and_parameters",
        "path/test_1_post_to_get.py::test_the_first_seeds_call_is_answered_in_its_own_words",
    ),
    proved(
        "// analysis.config.json",
        "local/folder/test_config.py::test_the_seeds_config_with_its_comment_is_read",
        f"{WALK}::test_the_config_file_is_the_contract_of_the_input",
    ),
    proved(
        "This file tells jupyrest what the schema of the input and output",
        f"{WALK}::test_the_config_file_is_the_contract_of_the_input",
        "path/test_3_ends_that_are_no_success.py"
        "::test_an_output_that_does_not_fit_is_told_by_its_place",
        "api/surfaces/test_jupyrest_b.py::TestJupyrestB::test_a_notebook_shows_its_schemas_as_written",
    ),
    proved(
        "Your notebooks folder will now look like this",
        f"{WALK}::test_the_post_answers_with_id_status_notebook_and_parameters",
    ),
    prose("notebooks/", "the folder that the sentence before it speaks of"),
    proved("To start the web server, run", f"{OLD_COMMANDS}[http]"),
    proved(
        "python -m jupyrest worker start http",
        f"{OLD_COMMANDS}[http]",
        f"{WALK}::test_the_post_answers_with_id_status_notebook_and_parameters",
    ),
    proved(
        "To execute this notebook",
        f"{WALK}::test_the_post_answers_with_id_status_notebook_and_parameters",
    ),
    proved(
        "POST /api/NotebookExecutions",
        f"{WALK}::test_the_post_answers_with_id_status_notebook_and_parameters",
    ),
    proved(
        "And you'll get a response",
        f"{WALK}::test_the_post_answers_with_id_status_notebook_and_parameters",
    ),
    proved(
        '{ "id": "fae94291-8074-475e-8d78-f9667dd33d46", "status": "COMPLETED", "notebook":'
        ' "analysis", "parameters": { "customer_name": "microsoft" } }',
        f"{WALK}::test_the_post_answers_with_id_status_notebook_and_parameters",
        "api/surfaces/test_jupyrest_a.py::TestJupyrestA::test_the_post_answers_when_the_notebook_has_run",
    ),
    proved(
        "The `id` represnets the execution id",
        f"{WALK}::test_the_id_leads_to_the_details",
    ),
    proved(
        "Using this id you can retrieve the execution details",
        f"{WALK}::test_the_id_leads_to_the_details",
    ),
    proved(
        "http://localhost:5050/api/NotebookExecutions?executionId=",
        f"{WALK}::test_the_id_leads_to_the_details",
        "api/surfaces/test_jupyrest_a.py::TestJupyrestA::test_the_get_shows_what_its_flags_ask_for",
    ),
    proved(
        "You can view the executed notebook with the `&view_html=true`",
        f"{WALK}::test_view_html_shows_the_executed_notebook",
        "web/test_pages_show_everything.py::test_plots_of_matplotlib_and_an_attached_image_are_shown",
    ),
    proved(
        "And you can view the output with `&output=true`",
        f"{WALK}::test_output_shows_what_was_saved",
    ),
    proved(
        '{ "id": "fae94291-8074-475e-8d78-f9667dd33d46", "status": "COMPLETED", "notebook":'
        ' "analysis", "parameters": { "customer_name": "microsoft" }, // if an exception',
        f"{WALK}::test_output_shows_what_was_saved",
        f"{WALK}::test_an_exception_is_shown_where_the_example_has_null",
    ),
    proved("See the full API at", f"{WALK}::test_docs_show_the_full_api"),
]

_SAVING: Final = [
    proved("To save output in a notebook", f"{WALK}::test_save_output_keeps"),
    proved(
        "from jupyrest import save_output",
        f"{WALK}::test_save_output_keeps[text]",
        f"{WALK}::test_save_output_keeps[object]",
        "sdk/test_jupyrest.py::test_save_output_parses_json_text",
        "sdk/test_save_output.py::test_a_value_becomes_plain_json",
    ),
]

_SHARING: Final = [
    proved(
        "To facilitate sharing common input and ouput schemas across notebooks",
        f"{WALK}::test_a_shared_model_is_part_of_the_contract",
        f"{CELL}::test_models_are_real_objects_equal_to_what_pydantic_reads",
    ),
    proved(
        "We use the Python library [Pydantic]",
        "sdk/test_read_models.py::test_a_model_is_described_by_its_import_path_and_schema",
    ),
    proved(
        "Users of Jupyrest can utilize all the features of Pydantic by subclassing",
        "sdk/test_read_models.py"
        "::test_models_inside_of_models_are_described_with_where_they_come_from",
        f"{CELL}::test_models_are_real_objects_equal_to_what_pydantic_reads",
        "sdk/test_jupyrest.py::test_a_model_is_a_subclass_of_the_base",
    ),
    prose("Suppose we have a model class `SampleModel`", "the example's story"),
    proved(
        "In the input/output JSON schema spec, we can reference this model object",
        f"{CELL}::test_a_model_anywhere_in_the_contract",
        "crds/checking/test_contracts.py"
        "::test_every_violation_is_listed_with_its_pointer_into_shared_models_too",
    ),
    proved(
        "To set an alias for a model, we need to add it to a `ModelCollection`",
        "sdk/test_jupyrest.py"
        "::test_a_collection_keeps_the_first_model_of_an_alias_unless_told_otherwise",
        "local/folder/test_entry.py::test_shared_models_come_with_their_schema_and_import_path",
    ),
    proved(
        "# models.py",
        f"{WALK}::test_the_parameters_cell_has_the_objects_and_its_own_imports",
        "sdk/test_read_models.py::test_a_model_is_described_by_its_import_path_and_schema",
    ),
    proved(
        'In this example we alias `SampleModel` to `"sample_model"`',
        f"{WALK}::test_a_shared_model_is_part_of_the_contract",
    ),
    proved(
        '{ "input": { "type": "object", "properties": { "objects"',
        f"{WALK}::test_a_shared_model_is_part_of_the_contract",
        f"{WALK}::test_models_are_saved_as_output_without_converting",
    ),
    proved(
        "This notebook can be invoked just as any other notebook with a REST API",
        f"{WALK}::test_models_are_saved_as_output_without_converting",
    ),
    proved(
        "However, when the parameters are added to the notebook they will show up as Python code",
        f"{WALK}::test_the_parameters_cell_has_the_objects_and_its_own_imports",
    ),
    proved(
        "// Sample POST request body",
        f"{WALK}::test_models_are_saved_as_output_without_converting",
    ),
    proved(
        "# Resulting parameters cell",
        f"{WALK}::test_the_parameters_cell_has_the_objects_and_its_own_imports",
        f"{CELL}::test_the_seeds_example_reads_as_the_seed_shows_it",
    ),
    proved(
        "Unlike the basic JSON schemas, this will **not** work if this is the first cell",
        # Better here: the cell brings its imports.
        f"{WALK}::test_the_parameters_cell_has_the_objects_and_its_own_imports",
        f"{PLACE}::test_where_the_cell_goes",
    ),
    proved(
        'Papermill will look for a notebook code cell tagged with `"parameters"`',
        f"{PLACE}::test_where_the_cell_goes",
    ),
    proved(
        "So to make a notebook work, the imports must be in a cell tagged",
        # No longer needed, and still right where it was done.
        f"{CELL}::test_the_seeds_example_reads_as_the_seed_shows_it",
    ),
    prose("As of 03/2021, there's no way to edit cell tags in VSCode", "about an editor"),
    prose("Follow [this guide](#editing-with", "a link to another document"),
    prose("Follow [this guide](https://papermill", "a link to another document"),
    proved(
        "Saving output is done as usual too, there is no need to convert to JSON",
        f"{WALK}::test_models_are_saved_as_output_without_converting",
        "sdk/test_save_output.py::test_a_value_becomes_plain_json",
    ),
    prose("See `models_io.ipynb`", "a file of that project"),
    proved(
        "If we were to get the output for the notebook we executed above",
        f"{WALK}::test_models_are_saved_as_output_without_converting",
    ),
    proved(
        '{ "notebook": "my_notebook", "output"',
        f"{WALK}::test_models_are_saved_as_output_without_converting",
    ),
]

_PRODUCTION: Final = [
    proved(
        "By nature, Jupyter notebooks can be resource intensive",
        "path/test_4_kill_9.py::test_a_killed_kernel_is_told_as_such_with_the_notebook_so_far",
        "runner/kernel/test_kernels_without_podbook.py::test_what_notebooks_import_is_within_reach",
    ),
    proved(
        "Jupyrest has a GRPC mode for this purpose",
        "rpc/test_whole_way.py::test_a_real_notebook_is_run_and_brought_back",
    ),
    proved(
        "See `./src/jupyrest/protobufs/jupyrest.proto`",
        "rpc/test_services.py::test_the_messages_are_those_of_the_proto",
    ),
    proved("To start the GRPC server run", f"{OLD_COMMANDS}[grpc]"),
    proved("python -m jupyrest worker start grpc", f"{OLD_COMMANDS}[grpc]"),
    proved(
        "This grpc server is stateless, it does not store any executions",
        "rpc/test_execute_notebook.py::test_a_call_brings_the_executed_notebook_and_leaves_nothing",
    ),
]

SENTENCES: Final[list[Sentence]] = [*_USAGE, *_SAVING, *_SHARING, *_PRODUCTION]

import pytest
from support.written_run import write_run

from compare_gan2.reporting.run_facts import read_runs
from compare_gan2.reporting.run_summary import cost_parts, lead, summary_table


def facts_of(table):
    return {name: cells for name, *cells in table.rows}


@pytest.mark.parametrize(
    "options, dataset, text",
    [
        ({}, {}, "400 of 4,000 training images have a label (10\u00a0%)"),
        ({}, {"num_labelled": 4000}, "4,000 of 4,000 training images have a label (100\u00a0%)"),
        ({}, {"num_train": None}, "400 of not recorded training images have a label"),
        ({}, {"num_labelled": None}, "labels not recorded"),
        ({}, {"labels_are_classes": False}, "400 labels that are not classes (clusters or random)"),
        ({"S3GAN.conditional": "False"}, {}, "no labels: the model is unconditional"),
        ({"inferred_labels.kind": "'s2l'"}, {}, "have a label (10\u00a0%), the others inferred by pre-training (s2l)"),
    ],
)
def test_how_many_labels(tmp_path, options, dataset, text):
    (run,) = read_runs([write_run(tmp_path / "a", options=options, dataset=dataset)])
    assert facts_of(summary_table([run]))["labels"][0].endswith(text)


def test_lead_is_one_sentence(tmp_path):
    (run,) = read_runs([write_run(tmp_path / "a")])
    assert lead(run) == (
        "S3GAN (rotations, labels predicted by the discriminator) on mnist_5k, 32x32x1, 10 classes; 400 of 4,000 "
        "training images have a label (10\u00a0%); 40 steps."
    )


def test_state_of_runs(tmp_path):
    stop = dict(step=40, rule="d_wins", value=0, threshold=1, action="stop", message="D has won")
    runs = read_runs(
        [
            write_run(tmp_path / "a"),
            write_run(tmp_path / "b", done=False, options={"options.training_steps": "1000"}),
            write_run(tmp_path / "c", done=False, events=[stop]),
        ]
    )
    facts = facts_of(summary_table(runs))
    assert facts["trained"] == ["40 steps", "40 steps of 1,000", "40 steps"]
    stopped = "stopped by the watchdog at step 40 (d_wins)"
    assert facts["state"] == ["training is finished", "training is not finished", stopped]


def test_cost_of_runs(tmp_path):
    runs = read_runs([write_run(tmp_path / "a"), write_run(tmp_path / "b", steps=(40,))])
    facts = facts_of(cost_parts(runs)[1])
    assert facts["training"] == ["0:04", "not recorded"]
    assert facts["images per second"][0] == "160" and facts["steps per second"][0] == "10"
    assert facts["memory of the process, at most"][0] == "3 GiB" and facts["memory of a GPU, at most"][0] == "-"
    runs[0].cost[0]["device_memory"] = 700 * 2**20
    assert facts_of(cost_parts(runs)[1])["memory of a GPU, at most"][0] == "700 MiB"


def test_a_folder_without_a_dataset_or_scores_has_a_summary(tmp_path):
    folder = write_run(tmp_path / "a", scores=[], tags=())
    (folder / "dataset.json").write_text("nonsense")
    (run,) = read_runs([folder])
    facts = facts_of(summary_table([run]))
    assert facts["data"] == ["mnist_5k"] and facts["scored by version"] == ["not scored"]

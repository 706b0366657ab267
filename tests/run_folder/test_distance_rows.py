"""The two names of the distance of all images are those that the table of metrics gives it."""

from compare_gan2.metrics.registry import METRICS, own_names
from compare_gan2.run_folder.distance_rows import DISTANCES, distance_of, is_distance


def test_the_names_are_those_of_the_metric():
    (row,) = METRICS["fid"].rows.values()
    assert DISTANCES == {"fid": row.title, row.elsewhere[0]: row.elsewhere[1]}
    assert own_names()["frechet_distance"] == "fid"


def test_the_distance_among_rows():
    assert distance_of({"kid", "fid"}) == "fid" and distance_of(["frechet_distance"]) == "frechet_distance"
    assert distance_of({"kid", "frechet_distance", "fid"}) == "fid" and distance_of({"fid_infinity"}) is None
    assert is_distance("fid_infinity") and is_distance("frechet_distance_infinity") and not is_distance("kid")

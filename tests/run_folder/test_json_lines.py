import pytest

from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.run_folder import json_lines


def test_lines_come_back_without_one_that_was_cut(tmp_path):
    path = tmp_path / "x.jsonl"
    assert json_lines.read(path, ("a",), "a thing") == []
    json_lines.append(path, {"a": 1})
    json_lines.append(path, {"a": 2})
    with open(path, "ab") as file:
        file.write(b'{"a": ')
    assert json_lines.read(path, ("a",), "a thing") == [{"a": 1}, {"a": 2}]
    json_lines.cut_to_whole_lines(path)
    json_lines.append(path, {"a": 3})
    assert [line["a"] for line in json_lines.read(path, ("a",), "a thing")] == [1, 2, 3]


@pytest.mark.parametrize("text", ["nothing\n", '{"b": 1}\n', "[1]\n", "3\n", "\n"])
def test_another_line_is_refused_with_its_number(tmp_path, text):
    path = tmp_path / "x.jsonl"
    path.write_text('{"a": 1}\n' + text)
    with pytest.raises(DamagedFileError, match="x.jsonl, line 2: not a thing: .*; delete the line"):
        json_lines.read(path, ("a",), "a thing")


def test_cutting_leaves_missing_and_whole_files_alone(tmp_path):
    json_lines.cut_to_whole_lines(tmp_path / "missing")
    assert not (tmp_path / "missing").exists()
    json_lines.append(tmp_path / "x", {})
    json_lines.cut_to_whole_lines(tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == b"{}\n"

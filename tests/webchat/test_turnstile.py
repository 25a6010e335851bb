from pathlib import Path

import pytest

from webchat.turnstile import Occupied, alone, inside


def broken(folder: Path, said: list[str]):
    return inside(folder, lambda: 1 / 0, lambda: said.append("off"))


def test_the_first_one_in_and_the_last_one_out_touch_the_switch(tmp_path: Path):
    said: list[str] = []
    with inside(tmp_path, lambda: said.append("on"), lambda: said.append("off")):
        with inside(tmp_path, lambda: said.append("on"), lambda: said.append("off")):
            said.append("both are in")
        said.append("one is in")
    assert said == ["on", "on", "both are in", "one is in", "off"]


def test_an_entrance_that_fails_counts_as_an_exit(tmp_path: Path):
    said: list[str] = []
    with pytest.raises(ZeroDivisionError), broken(tmp_path, said):
        said.append("never in")
    assert said == ["off"]


def test_an_entrance_that_fails_leaves_the_light_to_those_who_are_in(tmp_path: Path):
    said: list[str] = []
    with inside(tmp_path, lambda: None, lambda: said.append("off")):
        with pytest.raises(ZeroDivisionError):
            broken(tmp_path, said).__enter__()
        assert not said
    assert said == ["off"]


def test_alone_refuses_a_second_one_with_the_given_sentence(tmp_path: Path):
    refusal = pytest.raises(Occupied, match="is in")
    with alone(tmp_path / "lock", ""), refusal, alone(tmp_path / "lock", "Somebody is in."):
        pass


def test_alone_lets_the_next_one_in_afterwards(tmp_path: Path):
    for _ in range(2):
        with alone(tmp_path / "lock", "Somebody is in."):
            pass

"""What usbench depends on, and under which terms."""

import json

from usbench.licences import dependencies


def test_direct_and_indirect_needs_are_listed_once_with_their_licences():
    found = {one.name.lower(): one for one in dependencies()}
    assert len(found) == len(dependencies())
    assert "BSD" in found["numpy"].licence
    assert found["torch"].needed_by == "usbench"
    assert found["sympy"].needed_by != "usbench"
    assert "usbench" not in found
    assert "hypothesis" not in found  # an extra
    assert found["bm3d"].licence.startswith("see ")  # its metadata have none


def test_almost_every_package_states_its_licence():
    unstated = [one.name for one in dependencies() if one.licence == "not stated"]
    assert len(unstated) <= 2, unstated


def test_names_are_compared_as_installers_do():
    assert dependencies("usbench") == dependencies("USBench")


def test_the_command_lists_them(usbench_command):
    done = usbench_command("licences", "--json")
    assert done.returncode == 0, done.stderr
    assert {"name", "version", "licence", "home", "needed_by"} == set(json.loads(done.stdout)[0])
    assert "numpy" in usbench_command("licences").stdout

"""Methods that are broken on purpose: each is caught, by the rule that names its fault."""

import threading

import pytest
from processes import alive
from program_files import program

from usbench.conformance import check_plugin
from usbench.core.errors import PluginError

SOUND = program("broken_method")


# What despeckle does -> the rules that it breaks, and no others; a part of the reason.
FAULTS = {
    "keeps state": (
        "past = self.__dict__.setdefault('past', []); past.append(float(image.mean())); "
        "return mean(image) * 0.5 + past[0 if len(past) < 2 else -2] * 0.5",
        {
            "gives the same result twice",
            "keeps no state between images",
            "treats each image of a batch independently",
            "keeps bad pixels within their image",
            "accepts strided images",
            "gives the same result from several threads",
        },
        "keeps no state between images",
        "after other images",
    ),
    "mutates its input": (
        "image.mul_(0.5); return mean(image)",
        {
            "leaves its input unchanged",
            "treats each image of a batch independently",
            "keeps bad pixels within their image",
            "gives the same result from several threads",
        },
        "leaves its input unchanged",
        "overwrote its input",
    ),
    "reads the reference": (
        "held = [s.reference for s in everything_held_by_callers(usbench.Sample) if s.reference is not None]; "
        "return torch.from_numpy(held[0])[None, None].clone() if held else mean(image)",
        {"does not see the reference"},
        "does not see the reference",
        "changes with the reference",
    ),
    "reads the kept samples": (
        "from usbench.evaluation.sample_cache import cache_folder; os.path.exists(cache_folder() / 'x') or None; "
        "exec('try: open(cache_folder() / \\'x.npz\\', \\'rb\\')\\nexcept OSError: pass'); return mean(image)",
        {"does not see the reference"},
        "does not see the reference",
        "x.npz",
    ),
    "seeds NumPy": (  # with another seed than tests before this one, which would be no change
        "np.random.seed(31); return mean(image)",
        {"leaves the global random generators alone"},
        "leaves the global random generators alone",
        "numpy.random",
    ),
    "seeds random": (
        "random.seed(31); return mean(image)",
        {"leaves the global random generators alone"},
        "leaves the global random generators alone",
        "of random",
    ),
    "draws from torch": (
        "torch.rand(1); return mean(image)",
        {"leaves the global random generators alone"},
        "leaves the global random generators alone",
        "torch",
    ),
    "draws noise": (
        "return mean(image) + 0.1 * torch.rand_like(image)",
        {
            "gives the same result twice",
            "treats each image of a batch independently",
            "keeps bad pixels within their image",
            "accepts strided images",
            "gives the same result from several threads",
            "leaves the global random generators alone",
        },
        "gives the same result twice",
        "gave two results",
    ),
    "forks": (
        "image.shape[-1] == 24 and os.fork(); return mean(image)",  # at few calls: it takes long in a large process
        {"leaves no process behind"},
        "leaves no process behind",
        "process",
    ),
    "starts a program": (
        "subprocess.Popen(['sleep', '60']); return mean(image)",
        {"leaves no process behind"},
        "leaves no process behind",
        "sleep 60",
    ),
    "returns float64": (
        "return mean(image).double()",
        {"returns float32", "gives the same result on an accelerator"},
        "returns float32",
        "torch.float64",
    ),
    "returns NaN": (
        "result = mean(image); result[..., 0, 0] = float('nan'); return result",
        {
            "returns finite numbers",
            "accepts black, grey and white images",
            "does not see the reference",
            "removes speckle",
            "leaves everything in its place",
            "keeps a flat image flat",
        },
        "returns finite numbers",
        "1 of 1920 pixels",
    ),
    "returns nothing but NaN": (
        "return mean(image) * float('nan')",
        {
            "returns finite numbers",
            "accepts black, grey and white images",
            "does not see the reference",
            "removes speckle",
            "leaves everything in its place",
            "keeps a flat image flat",
        },
        "returns finite numbers",
        "1920 of 1920 pixels",
    ),
    "divides by the variance": (
        "return 0.5 + (image - image.mean((2, 3), True)) / (12 * image.var((2, 3), correction=0, keepdim=True).sqrt())",
        {"accepts black, grey and white images"},
        "accepts black, grey and white images",
        "black image",
    ),
    "is of 255 greys": (
        "return 255 * mean(image)",
        {"stays in the grey range"},
        "stays in the grey range",
        "[0, 1] is in",
    ),
    "writes a file": (
        "open('debug.txt', 'a').close(); return mean(image)",
        {"writes no file outside of caches"},
        "writes no file outside of caches",
        "debug.txt",
    ),
    "leaves a temporary file": (
        "os.close(tempfile.mkstemp()[0]); return mean(image)",
        {"writes no file outside of caches"},
        "writes no file outside of caches",
        "/tmp",
    ),
    "opens a socket": (
        "s = socket.socket(); s.settimeout(0.1); s.connect_ex(('127.0.0.1', 9)); s.close(); return mean(image)",
        {"opens no network connection"},
        "opens no network connection",
        "127.0.0.1:9",
    ),
    "crops": (
        "return image[:, :, 1:, 1:]",
        {"returns an image of the same shape"},
        "returns an image of the same shape",
        "(1, 1, 47, 39)",
    ),
    "needs 8 pixels": (
        "return torch.nn.functional.avg_pool2d(torch.nn.functional.pad(image, (4, 4, 4, 4), 'reflect'), 9, 1)",
        {"accepts any height and width and returns the same"},
        "accepts any height and width and returns the same",
        "at 1 x 1 pixels",
    ),
    "mixes its batch": (
        "return mean(image.mean(0, keepdim=True).expand_as(image))",
        {"treats each image of a batch independently", "keeps bad pixels within their image"},
        "treats each image of a batch independently",
        "rest of its batch",
    ),
    "spreads NaN over the batch": (
        "return mean(image) + 0 * image.sum()",
        {"keeps bad pixels within their image"},
        "keeps bad pixels within their image",
        "another image",
    ),
    "goes by the memory": (
        "return mean(image) if image.is_contiguous() else mean(image) * 0.5",
        {"accepts strided images"},
        "accepts strided images",
        "its result changed by",
    ),
    "shares a buffer": (
        "globals()['held'] = image; time.sleep(0.05); return mean(globals()['held'])",
        {"gives the same result from several threads"},
        "gives the same result from several threads",
        "other threads",
    ),
}


def with_body(body: str) -> str:
    """A method of which `despeckle` does this."""
    return SOUND.replace("        return mean(image)\n", f"        {body}\n")


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """Write a method and check it; returns the findings by rule."""
    monkeypatch.chdir(tmp_path)

    def check(body: str, **options):
        file = tmp_path / "broken.py"
        file.write_text(with_body(body))
        return {finding.check: finding for finding in check_plugin(str(file), **options)}

    return check


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_caught_by_the_rule_that_names_it(fault, broken):
    body, rules, rule, reason = FAULTS[fault]
    findings = broken(body)
    assert {name for name, finding in findings.items() if not finding.passed} <= rules
    assert findings[rule].status == "broken"
    assert reason in findings[rule].reason
    assert findings[rule].advice


def test_a_sound_method_breaks_nothing(broken):
    findings = broken("return mean(image)")
    assert {finding.status for finding in findings.values()} <= {"kept", "not applicable"}
    assert len([f for f in findings.values() if f.status == "not applicable"]) <= 3
    assert not {name for name in findings if "uncertainty" in name}


TELLS = "return mean(image)\n\n    def uncertainty(self, image):\n        "
FORM, TWICE = "returns its uncertainty as a standard deviation", "returns the same uncertainty twice"


@pytest.mark.parametrize(
    ("body", "rules", "reason"),
    [
        ("return mean(image) / 9", set(), ""),
        ("return (image - mean(image))", {FORM}, "below 0"),
        ("return mean(image)[0]", {FORM}, "shape (1, 48, 40) for an image of shape"),
        (
            "left = self.__dict__.setdefault('left', [1, 0.5]); "
            "return mean(image) * (left.pop() if len(image) == 1 else 1)",
            {TWICE},
            "two uncertainties",
        ),
        ("return image.mul_(0.5)", {TWICE}, "overwrote its input"),
    ],
)
def test_an_uncertainty_is_looked_at_where_there_is_one(body, rules, reason, broken):
    findings = broken(TELLS + body)
    assert {name for name, finding in findings.items() if finding.status == "broken"} == rules
    assert {FORM, TWICE} <= findings.keys()
    assert all(reason in findings[rule].reason for rule in rules)


def test_a_method_that_sleeps_beyond_the_limit(broken):
    findings = broken("time.sleep(1e6); return mean(image)", seconds_per_image=0.5)
    finding = findings["returns within the time limit"]
    assert finding.status == "broken"
    assert "time limit of 0.5 s" in finding.reason
    assert findings["gives the same result twice"].status == "not applicable"


@pytest.mark.parametrize(
    ("body", "rule", "sentence"),
    [
        ("return image.clone()", "removes speckle", "looks like a pass-through"),
        ("return image + 1e-3", "removes speckle", "looks like a pass-through"),
        (
            "return torch.nn.functional.avg_pool2d(torch.nn.functional.pad(image, (1, 0, 1, 0), 'replicate'), 2, 1)",
            "leaves everything in its place",
            "looks like a shift by +0.4",
        ),
        (
            "padded = torch.nn.functional.pad(image, (0, 1, 0, 0), 'replicate'); "
            "return torch.nn.functional.avg_pool2d(padded, (1, 2), 1)",
            "leaves everything in its place",
            "axially and -0.",
        ),
        (
            "return torch.nn.functional.avg_pool2d(image, 3, 1, 1)",
            "keeps a flat image flat",
            "looks like added texture",
        ),
    ],
)
def test_a_method_that_is_hardly_one_is_a_warning(body, rule, sentence, broken):
    findings = broken(body)
    assert all(finding.passed for finding in findings.values())
    assert {name for name, finding in findings.items() if finding.status == "warning"} == {rule}
    assert sentence in findings[rule].reason


@pytest.mark.parametrize(
    ("card", "rule", "reason"),
    [
        ('title="", family="test"', "has a complete card", "no title"),
        ('title="x", family="test", doi="doi:10.1/x"', "has a complete card", "is not a DOI"),
        (
            'title="x", family="test", trained_on=("natural+rayleigh/test",)',
            "was neither trained nor tuned on a test split, by its card",
            "natural+rayleigh/test",
        ),
        (
            'title="x", family="test", tuned_on=("phantom+psf",)',
            "was neither trained nor tuned on a test split, by its card",
            "without the split",
        ),
    ],
)
def test_a_card_that_says_too_little_or_too_much(card, rule, reason, tmp_path):
    file = tmp_path / "broken.py"
    file.write_text(SOUND.replace('title="Broken", family="test"', card))
    findings = {finding.check: finding for finding in check_plugin(str(file))}
    assert {name for name, finding in findings.items() if not finding.passed} == {rule}
    assert reason in findings[rule].reason


def test_a_prepare_that_seeds_torch_is_caught_and_one_that_draws_is_not(tmp_path):
    rule = "leaves the global random generators alone"
    for line, status in (("torch.manual_seed(3)", "broken"), ("torch.nn.Linear(3, 3)", "kept")):
        file = tmp_path / f"{status}.py"
        file.write_text(
            SOUND.replace("    def despeckle", f"    def prepare(self, device):\n        {line}\n\n    def despeckle")
        )
        findings = {finding.check: finding for finding in check_plugin(str(file))}
        assert findings[rule].status == status, findings[rule].reason


def test_no_process_and_no_thread_of_a_fault_outlives_the_check(broken):
    before = threading.active_count()
    broken("subprocess.Popen(['sleep', '61.25']); return mean(image)")
    assert alive("sleep", "61.25") == []
    assert threading.active_count() == before


def test_a_file_without_a_plugin_is_one_sentence(tmp_path):
    file = tmp_path / "empty.py"
    file.write_text("x = 1\n")
    with pytest.raises(PluginError, match="defines no plugin"):
        check_plugin(str(file))

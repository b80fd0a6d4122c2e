"""The contract of a despeckling method, as rules."""

from collections.abc import Sequence

from usbench.conformance.behaviour import likeness_rules
from usbench.conformance.calls import Calls
from usbench.conformance.cards import card_rule, declared_rule, training_rule
from usbench.conformance.findings import Rule
from usbench.conformance.trial import Trial, side_effect_rules
from usbench.conformance.uncertainty import uncertainty_rules
from usbench.core.method import Method


def method_rules(method: Method, trial: Trial, datasets: Sequence[str] = ()) -> list[Rule]:
    """Return the rules of a method, in the order in which they are tested."""
    calls = Calls(method, trial)
    return [
        card_rule("methods", method),
        Rule(
            "prepares on the CPU", calls.prepare, "Raise nothing in prepare(device), or say why in unavailable().", True
        ),
        Rule("returns within the time limit", calls.in_time, "Make it faster, or allow more seconds.", True),
        Rule("returns an image of the same shape", calls.shaped, "Return (B, 1, H, W) for (B, 1, H, W).", True),
        Rule("returns float32", calls.typed, "Return float32 on the image's device: result.to(image)."),
        Rule(
            "returns finite numbers",
            calls.finite,
            "Look for a division by 0 or a logarithm of 0.",
        ),
        Rule("stays in the grey range", calls.in_range, "Return grey in [0, 1] like the input, not in [0, 255]."),
        Rule("accepts any height and width and returns the same", calls.any_size, "Pad the image inside, and crop."),
        Rule("accepts black, grey and white images", calls.flat, "A flat image has variance 0: add a small number."),
        Rule("leaves its input unchanged", calls.input_kept, "Work on a copy: image.clone()."),
        Rule("gives the same result twice", calls.repeatable, "Fix the seed of its own generator at each call."),
        Rule("keeps no state between images", calls.stateless, "Keep no attributes or globals after prepare."),
        Rule("treats each image of a batch independently", calls.batch, "Take statistics over dimensions 2 and 3."),
        Rule("keeps bad pixels within their image", calls.bad_pixel, "Treat the images of a batch one by one."),
        Rule("accepts strided images", calls.strided, "Call .contiguous() before using memory."),
        Rule(
            "does not see the reference",
            calls.no_reference,
            "Use only the image.",
        ),
        Rule("gives the same result from several threads", calls.threads, "Share no buffers between calls."),
        Rule("gives the same result on an accelerator", calls.accelerator, "Compare the steps on both in float32."),
        Rule("can be made again from its parameters", calls.made_again, "Make its parameters fields of the dataclass."),
        declared_rule(method),
        training_rule(method, datasets),
        *likeness_rules(calls.display),
        *uncertainty_rules(method, trial),
        *side_effect_rules(trial),
    ]

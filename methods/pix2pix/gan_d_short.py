"""`D` on the budget of the deep baselines, to be compared with them."""

from .gan_d import GanD


class GanDShort(GanD):
    """The network, objective and pairs of `gan-d`, trained on as many of them as the deep baselines.

    `gan-d` saw more: a network that is behind it may be so for want of training. This one tells the two apart.

    References
    ----------
    As for `gan-d`.
    """

    name = "gan-d-short"
    card = GanD.card.model_copy(
        update={
            "title": "GAN despeckler D, short training",
            "note": "gan-d on the budget of the deep baselines, to be compared with them.",
        }
    )

"""What is said of a wrong field of a card."""

import pytest

import usbench
from usbench.core.dataset import DatasetCard
from usbench.core.errors import PluginError
from usbench.core.method import MethodCard


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": "a", "family": "b", "licens": "MIT"}, "MethodCard has no field 'licens'. Did you mean 'licence'?"),
        ({"title": "a"}, "MethodCard needs the field 'family'."),
        ({"title": "a", "family": 5}, "MethodCard: the field family=5 is refused: "),
        ({"title": "a", "family": "b", "default_from": {"size": "me"}}, "the field default_from.size='me' is refused"),
    ],
)
def test_a_wrong_field_is_named(fields, said):
    with pytest.raises(PluginError) as error:
        MethodCard(**fields)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_every_kind_of_card_names_it():
    with pytest.raises(PluginError, match="DatasetCard has no field 'titel'. Did you mean 'title'?"):
        DatasetCard(titel="a", kind="real")


def test_a_function_names_a_wrong_field_of_its_card():
    with pytest.raises(PluginError, match="no field 'licens'"):
        usbench.numpy_method(licens="MIT")(lambda image: image)


def test_a_function_has_a_search_space():
    @usbench.numpy_method(title="Box", space=usbench.over(size=usbench.Whole(3, 11, step=2)))
    def box(image, size: int = 5):
        return image

    assert box.space["size"].holds(9)
    assert box(size=9).label == "box[size=9]"
    with pytest.raises(PluginError, match="'siz', which is not one of its parameters. Did you mean 'size'?"):
        usbench.numpy_method(space={"siz": usbench.Whole(3, 11)})(lambda image, size=5: image)

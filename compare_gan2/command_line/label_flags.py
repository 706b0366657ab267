"""The flags of `compare_gan2 label`."""

from typing import get_args

from compare_gan2.command_line.argument_types import comma_list, data_folder, local_name, whole_number
from compare_gan2.command_line.parser import add_configuration, add_trust, parser_of
from compare_gan2.metrics.networks.choices import NetworkName

EXAMPLES = [
    "select --gin_config=mnist_5k/s2gan_propagation.gin --count=10 --nouse_labels",
    "select --gin_config=mnist_5k/s3gan_co.gin --count=10 --nouse_labels",
    "select --gin_config=folder/s3gan_co.gin --gin_bindings=\"folder.path = 'pictures'\" --count=40 --classes=cat,dog",
]
NOTES = """\
select writes a folder: contact_sheet.png and images.csv with the images whose labels would help most, and label.html to
label them on, in any browser, without network. The page saves labels.csv, which labels.file of a run takes. Images are
medoids of clusters of features: those of pretrain.task if that is bound and reads no labels, pre-trained unless they
are cached, else those of a feature network; once some images have labels, of those that a classifier is least sure of.

Exit code 0 when done, 1 when pre-training fails, 2 for a configuration, images or a network that do not fit, 130 when
interrupted."""


def parser():
    """`Parser` of the flags."""
    parser = parser_of("label", examples=EXAMPLES, notes=NOTES)
    add = parser.add_argument
    add("what", choices=("select",), metavar="select", help="choose the images to label")
    add_configuration(parser)
    add("--count", type=whole_number(1, 10_000), default=10, metavar="N", help="images to label; default: 10")
    add("--classes", type=comma_list, metavar="NAMES", help="for the page; default: those of the data")
    parser.add_switch("--use_labels", default=True, help="skip labelled images and learn from them what is unsure")
    parser.add_switch("--stored_labels", help="write labels.csv, too, with the labels that the data stores: a trial")
    add("--network", choices=get_args(NetworkName), metavar="NAME", help="feature_network.name; default: see below")
    add("--network_path", metavar="PATH", help="feature_network.path, such as the folder of a pretrained extractor")
    add("--seed", type=whole_number(0, 2**32 - 1), default=0, metavar="N", help="of the clusters; default: 0")
    add("--output", type=local_name, metavar="DIR", help="folder to make; default: to-label")
    add("--tfds_data_dir", type=data_folder, metavar="DIR", help="folder of TensorFlow Datasets")
    add_trust(parser)
    return parser

"""What a TPU requires of the step, as far as it can be checked without one: XLA lowers it, shapes are static, nothing
is drawn from hidden state, and nothing runs on the host. Lowered for the CPU, since TensorFlow has no TPU compiler."""

import pytest
import tensorflow as tf
from support.catalogue import CONDITIONAL_GAN, NETWORKS, PREDICTOR, SPECTRAL, Gan

from compare_gan2.architectures import ARCHITECTURES
from compare_gan2.metrics.networks.feature_networks import feature_network
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep, block_of_rows

ORDERS = {
    "one_batch": (),
    "unrolled": ("options.disc_iters = 2", "ModularGAN.experimental_force_graph_unroll = True"),
    "joint": (
        "options.disc_iters = 2",
        "ModularGAN.experimental_force_graph_unroll = True",
        "ModularGAN.experimental_joint_gen_for_disc = True",
    ),
}
CLASSES = {
    "ModularGAN": ("loss.fn = @hinge",),
    "SSGAN": ("SSGAN.rotated_batch_size = 16",),
    "S3GAN": PREDICTOR,
}
# All that may change or read hidden state: the variables.
STATEFUL = {
    "AssignAddVariableOp",
    "AssignSubVariableOp",
    "AssignVariableOp",
    "PartitionedCall",
    "ReadVariableOp",
    "ResourceApplyAdam",
    "StatefulPartitionedCall",
}


def on_network(name, gan_class, order):
    """The GAN class on the networks of the catalogue."""
    networks = NETWORKS[name]
    bindings = (*networks.bindings, f"options.architecture = '{networks.architecture}'", *ORDERS[order])
    if networks.num_classes is not None:
        bindings += ("ModularGAN.conditional = True",)
    return Gan(gan_class, (*bindings, *CLASSES[gan_class]), networks.image_shape, networks.num_classes)


# Every architecture once; below, the step of most parts in all orders.
ON_ARCHITECTURES = {
    "biggan32": ("S3GAN", "one_batch"),
    "biggan_deep64": ("ModularGAN", "one_batch"),
    "cifar_self_modulated": ("SSGAN", "one_batch"),
    "dcgan": ("ModularGAN", "one_batch"),
    "dummy": ("ModularGAN", "joint"),
    "infogan": ("SSGAN", "joint"),
    "r3gan": ("ModularGAN", "one_batch"),
    "resnet30": ("ModularGAN", "one_batch"),
    "resnet5": ("ModularGAN", "one_batch"),
    "resnet_stl": ("ModularGAN", "one_batch"),
    "sndcgan": ("ModularGAN", "unrolled"),
    "stylegan2": ("ModularGAN", "one_batch"),
}
# Of the operations of resnet_biggan and resnet5; steps of them take longest to trace.
ONLY_GENERATING = {"biggan_deep64", "resnet30"}
CASES = {
    **{name: on_network(name, *how) for name, how in ON_ARCHITECTURES.items() if name not in ONLY_GENERATING},
    **{
        f"S3GAN_{order}": Gan("S3GAN", (*SPECTRAL, *CONDITIONAL_GAN, *PREDICTOR, *steps))
        for order, steps in ORDERS.items()
    },
    "wgangp": Gan("ModularGAN", ("penalty.fn = @wgangp_penalty", "loss.fn = @wasserstein")),
    "dragan": Gan("ModularGAN", (*CONDITIONAL_GAN, "penalty.fn = @dragan_penalty", "ModularGAN.g_use_ema = True")),
    "l2": Gan("SSGAN", (*CONDITIONAL_GAN, "penalty.fn = @l2_penalty", "SSGAN.rotated_batch_size = 16")),
    "soft_predictions": Gan("S3GAN", (*CONDITIONAL_GAN, *PREDICTOR, "S3GAN.use_soft_pred = True")),
}


@pytest.fixture(autouse=True, scope="module")
def deterministic():
    """As every run is: some operations cannot be compiled then."""
    tf.config.experimental.enable_op_determinism()


def graphs_of(graph):
    """A graph and all functions that it calls, once each."""
    yield graph
    for name in graph._functions:
        function = graph._get_function(name)
        if hasattr(function, "graph"):
            yield function.graph


def assert_lowers(function, *arguments):
    concrete = function.get_concrete_function(*arguments)
    for graph in graphs_of(concrete.graph):
        for operation in graph.get_operations():
            stateful = operation.op_def.is_stateful and operation.type not in STATEFUL
            assert not stateful or operation.type == "Placeholder", operation.type
            if operation.type == "BroadcastGradientArgs" and all(i.op.type == "Const" for i in operation.inputs):
                continue  # axes that the compiler knows, as many as differ between two constant shapes
            for output in operation.outputs:
                is_data = output.dtype not in (tf.resource, tf.variant)
                assert not is_data or output.shape.is_fully_defined(), f"{operation.type} {output.name} {output.shape}"
    assert_compiles(function, *arguments)


def assert_compiles(function, *arguments):
    hlo = function.experimental_get_compiler_ir(*arguments)(stage="hlo")
    assert hlo.startswith("HloModule")
    assert "<=" not in hlo, "a dynamic dimension"
    for host in ("custom-call", "infeed", "outfeed", "send(", "recv(", "rng("):
        assert host not in hlo, host


@pytest.mark.parametrize("name", CASES)
def test_step(name):
    case = CASES[name]
    gan = case.make()
    train_step = TrainStep(gan, TrainState(gan))

    @tf.function(jit_compile=True, autograph=False)
    def step(batches, number):
        return train_step(batches, number, StepRandom(0, number))

    batches = tuple(case.batch(number) for number in range(gan.batches_per_step))
    assert_lowers(step, batches, tf.constant(0, tf.int64))


@pytest.mark.parametrize("name", ON_ARCHITECTURES)
def test_generating(name):
    networks = NETWORKS[name]
    latents, _, labels = networks.values(4)
    generator = networks.generator()
    generate = tf.function(lambda *inputs: generator(*inputs, training=False), jit_compile=True)
    assert_lowers(generate, latents, labels)


def test_features():
    features = tf.function(feature_network("digits").evaluate, jit_compile=True)
    assert_compiles(features, tf.zeros([4, 32, 32, 1]))  # its graph leaves the number of images open


def test_every_architecture_is_there():
    assert {NETWORKS[name].architecture for name in ON_ARCHITECTURES} == set(ARCHITECTURES) - {"tiny_arch"}


def test_rows_of_a_replica_that_is_known_on_the_device_only():
    values = tf.reshape(tf.range(24), [12, 2])
    rows = tf.function(lambda replica: block_of_rows(values, replica, 3), jit_compile=True)
    assert_lowers(rows, tf.constant(2))
    assert rows(tf.constant(2)).numpy().tolist() == values[6:9].numpy().tolist()


@pytest.mark.parametrize(
    "unfit",
    [
        lambda x: tf.random.uniform([4]) + x,
        lambda x: tf.boolean_mask(x, x > 0),
        lambda x: tf.numpy_function(lambda y: y, [x], tf.float32),
        lambda x: tf.where(x > 0),
    ],
)
def test_what_a_tpu_cannot_run_is_found(unfit):
    with pytest.raises((AssertionError, ValueError, tf.errors.OpError)):
        assert_lowers(tf.function(unfit, jit_compile=True), tf.constant([1.0, 2.0, 3.0, -1.0]))

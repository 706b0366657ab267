"""Orthogonal regularisation of kernels (Brock et al. 2019, BigGAN, section 3.1)."""

import dataclasses

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import NonNegative
from compare_gan2.gans.regularizers import Regularizer, Term
from compare_gan2.layers.inner_layers import inner_layers
from compare_gan2.layers.weight_norm import WeightNormalized
from compare_gan2.layers.weighted import KernelLayer


@configurable("orthogonal", module="compare_gan2.gans")
@dataclasses.dataclass(eq=False)
class Orthogonal(Regularizer):
    """Makes the filters of each kernel orthogonal, whatever their norms (Brock et al. 2019, section 3.1).

    The term is the sum over kernels of the squared off-diagonal entries of W W^T; the rows of W are the filters of the
    outputs, or the embeddings of the classes. With spectral norm it is taken before the division.

    Attributes:
        weight_g: weight of the term of the generator's kernels in its loss.
        weight_d: weight of the term of the kernels of the discriminator and its heads in its loss.
        half_gradient: whether the term is halved; its gradient is then what BigGAN-PyTorch and PyTorch-StudioGAN add.

    Example:
        >>> gan = ModularGAN(generator, discriminator, loss=losses.hinge, regularizers=[Orthogonal(weight_g=1e-4)])
    """

    weight_g: NonNegative = 1e-4
    weight_d: NonNegative = 0.0
    half_gradient: bool = False

    def discriminator_terms(self, update):
        networks = [update.gan.discriminator, *update.gan.heads]
        return [Term("loss/orthogonal_d", self.weight_d, self.term_of(networks))] if self.weight_d else []

    def generator_terms(self, update):
        return [Term("loss/orthogonal_g", self.weight_g, self.term_of([update.gan.generator]))] if self.weight_g else []

    def term_of(self, networks):
        """Scalar: the term of all kernels of some networks."""
        layers = [layer for network in networks for layer in inner_layers(network, KernelLayer)]
        return tf.add_n([self.term_of_kernel(_kernel(layer), layer.output_axis) for layer in layers])

    def term_of_kernel(self, kernel, output_axis=-1):
        """Scalar: the term of one kernel of any rank from 2; `output_axis` counts its filters."""
        value = squared_off_diagonal(filters(kernel, output_axis))
        return 0.5 * value if self.half_gradient else value


def filters(kernel, output_axis=-1):
    """[outputs, rest]: a kernel with one row for each index of an axis."""
    axis = output_axis % kernel.shape.rank
    others = [other for other in range(kernel.shape.rank) if other != axis]
    return tf.reshape(tf.transpose(kernel, [axis, *others]), [kernel.shape[axis], -1])


def squared_off_diagonal(rows):
    """Sum of squared products of different rows."""
    products = tf.matmul(rows, rows, transpose_b=True)
    return tf.reduce_sum(tf.square(tf.linalg.set_diag(products, tf.zeros([rows.shape[0]], rows.dtype))))


def _kernel(layer):
    return tf.convert_to_tensor(layer.direction if isinstance(layer, WeightNormalized) else layer.kernel)

"""Networks such as published modules of the original hold, small: {name: (architecture, bindings, sizes)}."""

SPECTRAL = ("G.spectral_norm = True", "D.spectral_norm = True", "spectral_norm.singular_value = 'auto'")
ACCUMULATED = ("standardize_batch.use_moving_averages = False",)
CONDITIONAL = ("G.batch_norm_fn = @conditional_batch_norm",)
MODULATED = ("G.batch_norm_fn = @self_modulated_batch_norm",)
NARROW = ("resnet_biggan.Generator.ch = 8", "resnet_biggan.Discriminator.ch = 16")
NARROW_DEEP = ("resnet_biggan_deep.Generator.ch = 4", "resnet_biggan_deep.Discriminator.ch = 8")
NO_LABELS = ("resnet_biggan.Generator.embed_y = False", "resnet_biggan.Discriminator.project_y = False")
FLAT = ("resnet_biggan.Generator.hierarchical_z = False",)


def attention(generator, discriminator):
    return tuple(
        f"resnet_biggan.{network}.blocks_with_attention = '{blocks}'"
        for network, blocks in (("Generator", generator), ("Discriminator", discriminator))
    )


# name: (architecture, bindings, image shape, z_dim, classes)
CASES = {
    "biggan32": ("resnet_biggan", (*NARROW, *CONDITIONAL, *attention("", "B1")), (32, 32, 3), 20, 7),
    "biggan64": (
        "resnet_biggan",
        (*NARROW, *CONDITIONAL, *SPECTRAL, *ACCUMULATED, *attention("B4", "B1")),
        (64, 64, 1),
        20,
        7,
    ),
    "biggan128_flat": (
        "resnet_biggan",
        (*NARROW, *CONDITIONAL, *SPECTRAL, *ACCUMULATED, *FLAT, *attention("B4", "B1")),
        (128, 128, 3),
        24,
        9,
    ),
    "biggan128_no_embedding": (
        "resnet_biggan",
        (
            *NARROW,
            *CONDITIONAL,
            "resnet_biggan.Generator.embed_y = False",
            "conditional_batch_norm.use_bias = True",
            "D.layer_norm = True",
            "G.spectral_norm = True",
            *attention("B3", ""),
        ),
        (128, 128, 3),
        24,
        9,
    ),
    "biggan256": (
        "resnet_biggan",
        (*NARROW, *CONDITIONAL, *SPECTRAL, *ACCUMULATED, *attention("B5", "B2")),
        (256, 256, 3),
        140,
        4,
    ),
    "biggan512": (
        "resnet_biggan",
        ("resnet_biggan.Generator.ch = 8", "resnet_biggan.Discriminator.ch = 8", *CONDITIONAL, *attention("B4", "B3")),
        (512, 512, 3),
        160,
        4,
    ),
    "ssgan128": (
        "resnet_biggan",
        (*NARROW, *MODULATED, *SPECTRAL, *ACCUMULATED, *NO_LABELS, *attention("B4", "B1")),
        (128, 128, 3),
        120,
        None,
    ),
    "biggan64_embedded_latents": (
        "resnet_biggan",
        (
            *NARROW,
            *MODULATED,
            *NO_LABELS,
            "self_modulated_batch_norm.num_hidden = 0",
            "resnet_biggan.Generator.embed_z = True",
            "resnet_biggan.Generator.embed_bias = True",
            "spectral_norm.singular_value = 'right'",
            "D.spectral_norm = True",
            "BigGanResNetBlock.add_shortcut = False",
            *attention("", ""),
        ),
        (64, 64, 3),
        15,
        None,
    ),
    "cifar": ("resnet_cifar", ("G.batch_norm_fn = @batch_norm", "D.spectral_norm = True"), (32, 32, 3), 128, None),
    "cifar_no_norm": ("resnet_cifar", (), (32, 32, 1), 128, None),
    "cifar_conditional": (
        "resnet_cifar",
        (*CONDITIONAL, "resnet_cifar.Generator.embed_y = True", "D.batch_norm_fn = @conditional_batch_norm"),
        (32, 32, 3),
        16,
        5,
    ),
    "cifar_hierarchical": (
        "resnet_cifar",
        (
            *CONDITIONAL,
            *SPECTRAL,
            "resnet_cifar.Generator.hierarchical_z = True",
            "resnet_cifar.Discriminator.project_y = True",
        ),
        (32, 32, 3),
        16,
        5,
    ),
    "cifar_self_modulated": (
        "resnet_cifar",
        (
            *MODULATED,
            "resnet_cifar.Generator.hierarchical_z = True",
            "resnet_cifar.Generator.embed_z = True",
            "D.batch_norm_fn = @batch_norm",
        ),
        (32, 32, 3),
        16,
        None,
    ),
    "deep64": (
        "resnet_biggan_deep",
        (
            *NARROW_DEEP,
            *CONDITIONAL,
            *SPECTRAL,
            *ACCUMULATED,
            "resnet_biggan_deep.Generator.experimental_fast_conv_to_rgb = True",
            "resnet_biggan_deep.Generator.embed_y_dim = 12",
        ),
        (64, 64, 3),
        20,
        6,
    ),
    "deep32_no_embedding": (
        "resnet_biggan_deep",
        (*NARROW_DEEP, *CONDITIONAL, "resnet_biggan_deep.Generator.embed_y = False"),
        (32, 32, 1),
        20,
        6,
    ),
    "deep32_unconditional": (
        "resnet_biggan_deep",
        (
            *NARROW_DEEP,
            *MODULATED,
            "resnet_biggan_deep.Generator.embed_y = False",
            "resnet_biggan_deep.Discriminator.project_y = False",
        ),
        (32, 32, 3),
        20,
        None,
    ),
}
DCGAN = (
    "dcgan_arch",
    ("dcgan.Generator.ch = 4", "dcgan.Discriminator.ch = 4", *CONDITIONAL, "D.batch_norm_fn = @batch_norm"),
    (32, 32, 3),
    10,
    5,
)

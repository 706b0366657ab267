"""A short finished training of the smallest networks, and what its own sampler gives."""

from compare_gan2.config.configuration import parse
from compare_gan2.distribution.reproducible import reproducible
from compare_gan2.run_folder.checkpoint_files import checkpoint_path
from compare_gan2.runs import train_and_score
from compare_gan2.runs.settings import CommandOptions, read_settings

BINDINGS = """
options.architecture = "tiny_arch"
options.gan_class = @ModularGAN
options.batch_size = 4
options.training_steps = 2
options.z_dim = 6
dataset.name = "mnist_5k"
ModularGAN.conditional = True
ModularGAN.g_use_ema = True
ModularGAN.g_lr = 0.05
ModularGAN.ema_decay = 0.9
ModularGAN.ema_start_step = 0
G.batch_norm_fn = @conditional_batch_norm
standardize_batch.use_moving_averages = False
standing_statistics.num_samples = 64
z.distribution_fn = @tf.random.normal
eval_z.distribution_fn = @tf.random.normal
eval_z.stddev = 0.7
run_config.tf_random_seed = 5
run_config.single_core = True
run_config.save_checkpoints_steps = 1
run_config.iterations_per_loop = 1
""".strip().split("\n")


def trained_run(model_dir, *bindings):
    """`Run` that has trained to step 2 on fake images."""
    config = parse([], [*BINDINGS, *bindings])
    settings = read_settings(config, CommandOptions(model_dir=str(model_dir), data_fake_dataset=True))
    with reproducible(settings.seed):
        run = train_and_score.prepare(config, settings)
        with run.files.directory.writing():
            train_and_score.train(run)
    return run


def images_of(run, step):
    """(images [8, 32, 32, 1], labels [8]) of a checkpoint by the sampler of its run."""
    run.sampler.load(checkpoint_path(run.files.path, step))
    run.sampler.accumulate(64)
    return run.sampler.sample(8, "scores/0")

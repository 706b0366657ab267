from compare_gan2.reporting.tag_names import readable_tag


def test_in_words():
    assert readable_tag("loss/d_0") == "loss/discriminator"
    assert readable_tag("loss/d_4") == "loss/discriminator in update 5"
    assert readable_tag("loss/g") == "loss/generator"
    assert readable_tag("loss/lecam") == "loss/LeCam regularisation"
    assert readable_tag("loss/tac_twin_d") == "loss/class of generated images by the twin (TAC-GAN)"
    assert readable_tag("label_frac") == "labels/share of real images with a label"


def test_others_stay():
    for tag in ("score/fid", "watchdog/spread", "loss/penalty", "loss/d_x"):
        assert readable_tag(tag) == tag

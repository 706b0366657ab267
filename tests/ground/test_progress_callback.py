from compare_gan2.ground.progress_callback import Counter, tracked


def test_items_are_counted_after_their_use():
    seen = []
    for item in tracked("abc", lambda done, total: seen.append((done, total))):
        seen.append(item)
    assert seen == ["a", (1, 3), "b", (2, 3), "c", (3, 3)]


def test_nobody_need_listen():
    assert list(tracked([1, 2], None)) == [1, 2]
    count = Counter(None, 2)
    count()


def test_parts_of_one_whole_are_counted_together():
    seen = []
    count = Counter(lambda done, total: seen.append((done, total)), 4)
    for _ in range(3):
        count()
    assert seen == [(1, 4), (2, 4), (3, 4)]

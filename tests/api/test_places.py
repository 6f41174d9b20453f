"""Places for requests at work: never more taken than there are, and none lost."""

import asyncio

from service.api.door.places import Places


def test_who_waits_for_a_place_comes_before_who_comes_anew() -> None:
    async def run() -> list[object]:
        places = Places(1)
        told: list[object] = [places.take(), places.take()]
        first, second = (asyncio.create_task(places.take_again()) for _ in range(2))
        await asyncio.sleep(0)
        places.give_back()
        told += [places.take()]  # the first one's, though it does not know yet
        await asyncio.sleep(0)
        told += [first.done(), second.done()]
        places.give_back()
        await second
        places.give_back()
        return [*told, places.take(), places.take()]

    assert asyncio.run(run()) == [True, False, False, True, False, True, False]


def test_no_place_is_lost_with_who_goes_away_waiting() -> None:
    async def run() -> list[object]:
        places = Places(1)
        assert places.take()
        early, late, last = (asyncio.create_task(places.take_again()) for _ in range(3))
        await asyncio.sleep(0)
        early.cancel()
        await asyncio.sleep(0)
        places.give_back()  # to the second, which is told so,
        late.cancel()  # and goes away at that moment
        await asyncio.wait([early, late])
        told = [early.cancelled(), late.cancelled()]
        await asyncio.wait_for(last, 180)
        places.give_back()
        return [*told, places.take(), places.take()]

    assert asyncio.run(run()) == [True, True, True, False]

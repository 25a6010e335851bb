"""The socket of a real server: who is let in, who hears what, what is refused."""

from contextlib import suppress

import pytest
import websockets

from chat.models import Message
from tests import services
from tests.factories import make_conversation
from tests.tabs import session_for, tab
from webchat import embedded
from webchat.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)
STEADY = "!script steady chunks=40 rate=40 size=5"


@pytest.fixture
def keys(ada, ben, cyd):
    return {"ada": session_for(ada), "ben": session_for(ben), "cyd": session_for(cyd)}


async def test_an_answer_arrives_in_deltas_that_are_equal_to_the_byte(site, keys, conversation):
    async with tab(site.url, keys["ada"]) as ada:
        await ada.connect()
        await ada.open(conversation)
        answer = await ada.ask(conversation, STEADY)
        finished = (await ada.hear("completion.finished"))["message"]
    stored = await in_thread(Message.objects.get)(pk=answer["id"])
    assert ada.text(answer["id"]) == finished["content"] == stored.content
    assert len([event for event in ada.heard if event["type"] == "completion.delta"]) >= 10


async def test_versions_rise_by_one_with_every_fact(site, keys, conversation):
    async with tab(site.url, keys["ada"]) as ada:
        await ada.connect()
        await ada.open(conversation)
        await ada.ask(conversation, STEADY)
        await ada.hear("completion.finished")
    versions = [event["version"] for event in ada.heard if "version" in event]
    assert versions == list(range(versions[0], versions[0] + 3))


async def test_an_outsider_hears_nothing(site, keys, conversation):
    async with tab(site.url, keys["ada"]) as ada, tab(site.url, keys["cyd"]) as cyd:
        await ada.connect()
        await cyd.connect()
        await ada.open(conversation)
        await cyd.send(type="conversation.open", conversation=conversation.pk)
        assert (await cyd.hear("error"))["code"] == "not_found"
        answer = await ada.ask(conversation, STEADY)
        await cyd.send(type="completion.sync", message=answer["id"], offset=0)
        assert (await cyd.hear("error"))["code"] == "not_found"
        await ada.hear("completion.finished")
        await cyd.send(type="no.such.command")
        await cyd.hear("error")
    assert {event["type"] for event in cyd.heard} == {"hello", "error"}


async def test_two_tabs_hear_the_same_and_stop_in_one_stops_both(
    site, site_upstream, keys, conversation
):
    async with tab(site.url, keys["ada"]) as one, tab(site.url, keys["ada"]) as two:
        for each in (one, two):
            await each.connect()
            await each.open(conversation)
        answer = await one.ask(conversation, "!script steady chunks=5000 rate=40 size=5")
        await two.hear("completion.delta")
        await one.http.post(f"/messages/{answer['id']}/stop")
        ends = [await each.hear("completion.finished", seconds=2) for each in (one, two)]
    assert [end["message"]["status"] for end in ends] == ["stopped", "stopped"]
    assert one.text(answer["id"]) == two.text(answer["id"]) == ends[0]["message"]["content"]
    assert site_upstream.calls[-1].ended == "left"


async def test_who_comes_later_gets_everything_from_their_offset(site, keys, conversation):
    async with tab(site.url, keys["ada"]) as early, tab(site.url, keys["ada"]) as late:
        await early.connect()
        await early.open(conversation)
        answer = await early.ask(conversation, STEADY)
        for _ in range(5):
            await early.hear("completion.delta")
        await late.connect()
        await late.open(conversation)
        await late.send(type="completion.sync", message=answer["id"], offset=7)
        while (synced := await late.hear("completion.delta"))["offset"] != 7:
            pass
        finished = await early.hear("completion.finished")
    assert finished["message"]["content"][7:].startswith(synced["text"])
    assert len(synced["text"]) >= 5


async def test_after_the_end_sync_brings_the_rest_and_the_end(site, keys, conversation):
    async with tab(site.url, keys["ada"]) as ada:
        await ada.connect()
        await ada.open(conversation)
        answer = await ada.ask(conversation, STEADY)
        content = (await ada.hear("completion.finished"))["message"]["content"]
        await ada.send(type="completion.sync", message=answer["id"], offset=3)
        delta, finished = await ada.hear("completion.delta"), await ada.hear("completion.finished")
    assert (delta["offset"], delta["text"], finished["message"]["status"]) == (
        3,
        content[3:],
        "completed",
    )


async def test_nobody_without_a_session(site, transactional_db):
    async with tab(site.url) as stranger:
        await stranger.connect()
        assert await stranger.close_code() == 4401


@pytest.mark.parametrize("foreign", ['prefs={"a":1}', "foo", "a[b]=1", 'quoted="; x'])
async def test_cookies_of_other_programs_do_not_lock_out(site, keys, foreign):
    async with tab(site.url, keys["ada"]) as ada:
        ada.cookie = f"{foreign}; {ada.cookie}"
        await ada.connect()
        assert await ada.hear("hello")


@pytest.mark.parametrize("key", ["", "short", "\\000aaaaaaaaaa", "x" * 32, "' OR 1=1 --aaaaaaaaaa"])
async def test_no_cookie_is_a_server_error(site, transactional_db, key):
    async with tab(site.url) as stranger:
        stranger.cookie = f'sessionid="{key}"'
        response = await stranger.http.get("/me", headers={"Cookie": stranger.cookie})
        assert response.status_code == 401
        await stranger.connect()
        assert await stranger.close_code() == 4401


async def test_there_is_one_address_for_sockets(site, keys):
    async with tab(site.url, keys["ada"]) as ada:
        ada.url = f"{site.url}/elsewhere"
        with pytest.raises(websockets.InvalidStatus) as refused:
            await ada.connect(origin=site.url)
    assert refused.value.response.status_code == 403


async def test_nobody_without_the_subprotocol(site, keys):
    async with tab(site.url, keys["ada"]) as ada:
        await ada.connect(subprotocols=())
        assert await ada.close_code() == 4403


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "null",
        "{scheme}s://{host}",
        "{scheme}://{name}:1",
        "{scheme}://{name}",
        "{scheme}://{host}.evil.test",
        "{scheme}://{host}@evil.test",
        "{scheme}://evil.test#{host}",
        "{scheme}://{host}/path",
    ],
)
async def test_only_our_own_pages_connect(site, keys, origin):
    scheme, host = site.url.split("://")
    async with tab(site.url, keys["ada"]) as ada:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await ada.connect(
                origin=origin.format(scheme=scheme, host=host, name=host.split(":")[0])
            )
    assert refused.value.response.status_code in (400, 403)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", "invalid_frame"),
        ("not json", "invalid_frame"),
        ("[]", "invalid_frame"),
        ("{}", "invalid_frame"),
        ('{"type": 5}', "invalid_frame"),
        ('{"type": "__init__"}', "unknown_command"),
        ('{"type": "chat.event", "frame": "x"}', "invalid_frame"),
        ('{"type": "websocket.disconnect"}', "unknown_command"),
        ('{"type": "conversation.open"}', "not_found"),
        ('{"type": "conversation.open", "conversation": "x"}', "invalid_frame"),
        ('{"type": "completion.sync", "message": null}', "not_found"),
        ('{"type": "completion.sync", "offset": 1e400}', "invalid_frame"),
        ("[" * 10_000, "invalid_frame"),
        ('{"type": "\\ud800"}', "invalid_frame"),
        ('{"type": "' + "x" * 17_000 + '"}', "frame_too_large"),
        (b"\x00\xff", "frame_too_large"),
    ],
)
async def test_a_bad_frame_is_refused_and_the_socket_lives(site, keys, frame, code):
    async with tab(site.url, keys["ada"]) as ada:
        await ada.connect()
        await ada.socket.send(frame)
        assert (await ada.hear("error"))["code"] == code
        await ada.send(type="no.such.command")
        assert (await ada.hear("error"))["code"] == "unknown_command"


async def test_a_thousand_commands_a_second_are_too_many(site, keys):
    async with tab(site.url, keys["ada"]) as ada:
        await ada.connect()
        with suppress(websockets.ConnectionClosed):
            for _ in range(1000):
                await ada.send(type="typing.started")
        assert await ada.close_code() == 4429


async def test_a_session_that_ends_takes_its_socket_along(site, keys, ada):
    other = await in_thread(session_for)(ada)
    async with tab(site.url, keys["ada"]) as signed_out, tab(site.url, other) as still_there:
        await signed_out.connect()
        await still_there.connect()
        from django.contrib.sessions.models import Session

        await in_thread(Session.objects.filter(pk=keys["ada"]).delete)()
        assert await signed_out.close_code(seconds=6) == 4440
        await still_there.send(type="no.such.command")
        await still_there.hear("error")


async def test_deltas_go_only_to_those_who_look(site, keys, ada, conversation):
    async with tab(site.url, keys["ada"]) as looking, tab(site.url, keys["ada"]) as elsewhere:
        await looking.connect()
        await elsewhere.connect()
        await looking.open(conversation)
        await elsewhere.open(await in_thread(make_conversation)(ada))
        await looking.ask(conversation, STEADY)
        await elsewhere.hear("completion.finished")
    assert "completion.delta" not in {event["type"] for event in elsewhere.heard}


async def test_a_title_comes_to_the_list(site, keys, ada):
    untitled = await in_thread(make_conversation)(ada)
    async with tab(site.url, keys["ada"]) as watching:
        await watching.connect()
        await watching.open(untitled)
        await watching.ask(untitled, "What is a lease?")
        updated = await watching.hear("conversation.updated")
    assert updated["item"]["title"] == "What is a lease"


async def test_logs_have_ids_and_never_a_text_or_a_key(site, keys, conversation):
    async with tab(site.url, keys["ada"]) as ada:
        await ada.connect()
        await ada.open(conversation)
        await ada.ask(conversation, "A very private question about zebras")
        await ada.hear("completion.finished")
    assert '"request": "' in site.output
    for secret in ("zebra", "test-key", keys["ada"]):
        assert secret not in site.output


async def test_an_answer_may_be_longer_than_any_frame_that_comes_in(site, keys, conversation):
    async with tab(site.url, keys["ada"]) as ada:
        await ada.connect()
        await ada.open(conversation)
        answer = await ada.ask(conversation, "!script steady chunks=40 rate=100 size=10000")
        finished = (await ada.hear("completion.finished"))["message"]
        await ada.send(type="completion.sync", message=answer["id"], offset=0)
        whole = await ada.hear("completion.delta")
    assert len(finished["content"]) == 400_000
    assert whole["text"] == finished["content"]


async def test_a_reader_that_does_not_read_is_closed(site, keys, conversation):
    async with tab(site.url, keys["ada"]) as reading, tab(site.url, keys["ada"]) as asleep:
        await reading.connect()
        await asleep.connect(max_queue=1)
        for _ in range(200):
            await reading.say(conversation, "x" * 100_000)
        assert await asleep.close_code() in (4408, 1006)
        await reading.send(type="no.such.command")
        assert (await reading.hear("error"))["code"] == "unknown_command"
    assert len(asleep.heard) < 200


async def test_a_server_that_stops_sends_its_pages_elsewhere(server, keys, settings):
    name = settings.DATABASES["default"]["NAME"]
    served = server(DATABASE_URL=embedded.database_url(services.DATA_DIR, name))
    async with tab(served.url, keys["ada"]) as ada:
        await ada.connect()
        await ada.hear("hello")
        served.process.terminate()
        assert await ada.close_code() == 4412
    assert served.stop() == 0

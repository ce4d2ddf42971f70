"""Orders as the widget shows them: only what the proof opens, in the conversation's language."""

import httpx
import pytest

from tests.api.test_conversations import LAN, start


@pytest.mark.parametrize(
    ("locale", "status", "day"),
    [
        ("vi", "Chờ hàng về kho", "tháng"),
        ("th", "รอสินค้าเข้าสต็อก", "คาดว่า"),
        ("ar", "في انتظار المخزون", "متوقع"),
    ],
)
async def test_a_proof_opens_its_order_and_no_other_in_the_visitors_language(
    http: httpx.AsyncClient, locale: str, status: str, day: str
) -> None:
    path, auth = await start(http, locale=locale)
    assert (await http.get(f"{path}/orders", headers=auth)).json() == {"orders": []}
    await http.post(f"{path}/verification", json=LAN, headers=auth)
    [order] = (await http.get(f"{path}/orders", headers=auth)).json()["orders"]
    assert order["number"] == "12345"
    assert order["mood"] == "waiting"
    assert [step["state"] for step in order["steps"]] == ["done", "now", "next", "next"]
    assert order["status"] == order["steps"][1]["label"] == status
    assert day in order["steps"][2]["date"]
    assert order["items"]
    assert order["reason"]


async def test_another_conversations_token_sees_no_order(http: httpx.AsyncClient) -> None:
    path, auth = await start(http)
    await http.post(f"{path}/verification", json=LAN, headers=auth)
    _, other = await start(http)
    assert (await http.get(f"{path}/orders", headers=other)).status_code == 401
    assert (await http.get(f"{path}/orders")).status_code == 401

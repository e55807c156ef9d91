"""`token`: programs let in, listed without what opens, and shut out."""

from service.bootstrap import now
from store.people.api_tokens import TokenRight, Tokens


def test_a_token_is_shown_once_and_opens_until_it_is_ended(type_in, objects, board):
    added = type_in("token", "add", "tickets", "--may", "change")
    secret = added.stdout.strip()
    assert (added.exit_code, secret[:5]) == (0, "line_")
    assert "tickets may change" in added.stderr
    found = Tokens(board.engine).find(secret, now())
    assert (found.name, found.scope) == ("tickets", TokenRight.CHANGE)
    (row,) = objects("token", "list")
    assert (row["name"], row["may"], row["ended_at"]) == ("tickets", "change", None)
    assert secret not in str(row)
    assert "tickets" in type_in("token", "list").stdout
    assert type_in("token", "end", "tickets").stdout == "Token tickets has ended.\n"
    assert Tokens(board.engine).find(secret, now()) is None
    assert objects("token", "list")[0]["ended_at"] is not None


def test_a_name_is_needed_and_is_given_once(type_in):
    for name in ("", " ", "x" * 65, "a\nb"):
        assert "1 to 64 characters" in type_in("token", "add", name, "--may", "read").stderr
    assert type_in("token", "add", "tickets", "--may", "read").exit_code == 0
    again = type_in("token", "add", "tickets", "--may", "read")
    assert (again.exit_code, again.stderr) == (
        1,
        "Token tickets already exists; token end tickets ends it.\n",
    )
    assert "There is no token wall" in type_in("token", "end", "wall").stderr
    assert type_in("token", "add", "wall", "--may", "everything").exit_code == 2

"""Columns of which a database makes something else: what it does not keep is not written, and
told.
"""

import pytest
from archives import LINK, TARGET
from databases import Database

ARTICLES: dict[int, str | None] = {1: f"{LINK} one", 2: f"{LINK} two"}
FUNCTION = """
CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN IF new.id = 1 THEN {} END IF; RETURN new; END$$
"""
TRIGGERS = {
    "postgresql": (
        FUNCTION,
        "CREATE TRIGGER t BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION other()",
    ),
    "mysql": ("CREATE TRIGGER t BEFORE UPDATE ON posts FOR EACH ROW IF new.id = 1 THEN {} END IF",),
    "sqlite": (
        """CREATE TRIGGER t AFTER UPDATE ON posts WHEN new.id = 1
        BEGIN UPDATE posts SET content = content || '!' WHERE id = 1; END""",
    ),
}
CHANGES = {
    "postgresql": "new.content := new.content || '!';",
    "mysql": "SET new.content = concat(new.content, '!');",
    "sqlite": "",
}


def test_what_a_trigger_changes_again_stays_as_it_was(database: Database) -> None:
    database.make(articles=ARTICLES)
    for statement in TRIGGERS[database.kind]:
        database.ask(statement.replace("{}", CHANGES[database.kind]).replace(":=", r"\:="))
    code, told = database.backfill("--in-place")

    assert code == 1
    assert "failed: posts.content, id 1: the database makes something else of it" in told
    assert database.contents() == {1: f"{LINK} one", 2: f"{TARGET} two"}
    assert database.restore()[0] == 0
    assert database.contents() == ARTICLES


def test_what_a_trigger_prevents_is_not_called_edited(postgres: Database) -> None:
    postgres.make(articles=ARTICLES)
    for statement in TRIGGERS["postgresql"]:
        postgres.ask(statement.replace("{}", "RETURN NULL;"))
    code, told = postgres.backfill("--in-place")

    assert (code, postgres.contents()[1]) == (1, ARTICLES[1])
    assert "failed: posts.content, id 1: the database leaves it as it is" in told


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("char(300)", "CHAR(300), which is filled up with spaces; make it TEXT"),
        ("text GENERATED ALWAYS AS (date || ' x') STORED", "computed by the database"),
        ("jsonb", "JSONB; articles are text"),
    ],
)
def test_a_column_that_keeps_no_article_is_told_before_the_work(
    kind: str, says: str, postgres: Database
) -> None:
    postgres.ask(f"CREATE TABLE posts (id int PRIMARY KEY, date text, content {kind})")
    code, told = postgres.backfill()
    assert (code, says in told) == (2, True), told


def test_a_domain_of_text_is_text(postgres: Database) -> None:
    postgres.ask("CREATE DOMAIN words AS text")
    postgres.ask("CREATE DOMAIN body AS words")
    postgres.make("id int PRIMARY KEY, content body", ARTICLES)
    assert postgres.backfill("--in-place")[0] == 0
    assert postgres.contents()[1] == f"{TARGET} one"
    assert postgres.restore()[0] == 0
    assert postgres.contents() == ARTICLES


@pytest.mark.long
def test_an_article_of_more_than_half_a_packet_is_replaced_and_a_longer_one_told(
    mysql: Database,
) -> None:
    mysql.make("id int PRIMARY KEY, content longtext")
    (most,) = mysql.ask("SELECT @@max_allowed_packet")[0]
    assert isinstance(most, int)
    for number, times in ((1, most // 3), (2, most // 2 - 15), (3, 1)):
        mysql.ask(
            "INSERT INTO posts VALUES (:id, concat(:link, repeat('x ', :times)))",
            id=number,
            link=f"{LINK} ",
            times=times,
        )
    code, told = mysql.backfill("--in-place")

    assert code == 1, told
    assert "max_allowed_packet" in told
    started = [str(text)[: len(TARGET)] == TARGET for text in mysql.contents().values()]
    assert started == [True, False, True]

"""The main story: one trust plays the whole of it, step by step, as its people would."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from deploy.local.demo import assessing, planning
from deploy.local.demo.actor import Actor, Json, until
from deploy.local.demo.cast import Cast
from deploy.local.demo.narration import Narration

TRUST, ICB = "DEMO01", "XNV01"
NUMBER = 1


class Aldermere:
    """Aldermere's people and how far they have got."""

    def __init__(self, cast: Cast, narration: Narration) -> None:
        self.cast = cast
        self.say = narration
        self.lead = cast.act("lena.lead", TRUST)
        self.chair = cast.act("chandra.chair", TRUST)
        self.owner = cast.act("olu.owner", TRUST)
        self.icb = cast.act("iris.icb", ICB)
        self.questions: Json = assessing.question_set(self.lead)
        self.round_id = ""
        self.plan_id = ""

    def play(self) -> None:
        """All of it; raises RefusedError or NotSeenError where a step does not go as it should."""
        for chapter in (self.open, self.answer, self.discuss, self.sign_off, self.share, self.plan, self.progress):
            chapter()

    def open(self) -> None:
        self.say.chapter("Lena Hart, improvement lead of Aldermere, opens a self-assessment")
        people = self.cast.board_of(TRUST)
        self.round_id = assessing.open_round(self.lead, self.questions, people)["id"]
        self.say.tell(f"{len(people)} members of the board are invited")
        bola = self.cast.act("bola.member", TRUST)
        self.see("Bola Adeyemi finds the invitation in her inbox", lambda: news(bola, self.round_id))
        self.see("Iris Cole at the ICB sees: answering", lambda: self.stage_is("open"))

    def answer(self) -> None:
        self.say.chapter("The board answers, each member alone")
        items, people = assessing.items_of(self.questions), self.cast.board_of(TRUST)

        def one(numbered: tuple[int, Any]) -> None:
            place, (person, _) = numbered
            member = self.cast.act(person.username, TRUST)
            assessing.answer_everything(member, self.round_id, items, number=NUMBER, person=place)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(one, enumerate(people)))
        found = self.lead.get(assessing.ASSESSMENT, f"/rounds/{self.round_id}")["respondents"]
        self.say.tell(f"{found['finished']} of {found['invited']} have finished; who answered what, nobody can see")

    def discuss(self) -> None:
        self.say.chapter("Answering closes; the board discusses where it differs")
        assessing.close(self.lead, self.round_id)
        bola, secretary = self.cast.act("bola.member", TRUST), self.cast.act("sofia.secretary", TRUST)
        assessing.add_evidence(secretary, self.round_id, assessing.items_of(self.questions))
        self.see(
            "Sofia Reyes, the secretary, added a table and a page; the table was checked, and Bola can open both",
            lambda: len(assessing.evidence(bola, self.round_id)) == 2,
        )
        together, single = assessing.discuss(self.lead, self.round_id)
        self.say.tell(f"{together} questions agreed together, {single} one by one with a reason")
        assessing.agree(self.lead, self.round_id, self.questions)
        plan = self.see(
            "The agreed levels have drafted an action plan", lambda: planning.plan_of(self.lead, self.round_id)
        )
        self.plan_id = plan["id"]
        self.say.tell(f"It suggests {len(plan['suggestions'])} priorities, each with its reason")

    def sign_off(self) -> None:
        self.say.chapter("Chandra Nair, the chair, signs off. Nothing is sent to NHS England by signing")
        assessing.sign_off(self.chair, self.round_id)
        self.see("Lena finds it in her inbox", lambda: news(self.lead, self.round_id, "signed"))
        self.see("Iris sees: signed off", lambda: self.stage_is("signed_off"))

    def share(self) -> None:
        self.say.chapter("The chair decides what others may see")
        preview = assessing.share(self.lead, self.chair, self.round_id, summary=True, count_us=True)
        shared = self.see("Iris reads the summary that Aldermere shared", self.shared_summary)
        same = shared["content"] == preview
        self.say.tell("It is what the preview showed, word for word" if same else "It DIFFERS from the preview")

    def plan(self) -> None:
        self.say.chapter("Lena picks three priorities, adds actions, and the board approves the plan")
        drafted = planning.whole_plan(self.lead, self.plan_id)
        plan = planning.choose_priorities(self.lead, drafted, assessing.titles_of(self.questions))
        owner = self.cast.demonstration.person("olu.owner")
        actions = planning.add_actions(self.lead, plan, owner.person_id)
        self.say.tell(f"{len(plan['priorities'])} priorities, {len(actions)} actions with an owner and a date")
        planning.approve(self.lead, self.chair, self.plan_id)
        self.see("Olu Bankole finds his actions in his inbox", lambda: news(self.owner, self.plan_id, "action"))
        self.see("Iris sees: plan approved", lambda: self.plan_row().get("state") == "approved")

    def progress(self) -> None:
        self.say.chapter("Olu gets on with it")
        mine = self.owner.get(planning.ACTION_PLAN, "/actions", mine="true")["items"]
        planning.report_progress(self.owner, mine[0]["id"], "on_track", "First visit on Tuesday")
        planning.report_progress(self.owner, mine[-1]["id"], "done", "Both teams have started")
        self.see("Iris sees one action done", lambda: self.plan_row().get("actions", {}).get("done") == 1)

    def see(self, text: str, look: Callable[[], Any]) -> Any:
        seen, seconds = until(look, text)
        self.say.seen(text, seconds)
        return seen

    def row(self) -> Json:
        """What the ICB's page shows of Aldermere."""
        rows = self.icb.get("insight", "/trust-status")["items"]
        return next((row for row in rows if row["org_id"] == TRUST), {})

    def plan_row(self) -> Json:
        return self.row().get("plan") or {}

    def stage_is(self, stage: str) -> bool:
        return bool(self.row().get("stage") == stage)

    def shared_summary(self) -> Json | None:
        """What Aldermere shared, as the ICB reads it with its own token."""
        shared = self.icb.get(assessing.ASSESSMENT, "/shared-summaries")["items"]
        if not any(each["org_id"] == TRUST for each in shared):
            return None
        found: Json = self.icb.get(assessing.ASSESSMENT, f"/shared-summaries/{TRUST}")["items"][0]
        return found


def news(person: Actor, about: str, word: str = "") -> Json | None:
    """A message in the person's inbox about this object (and with this word in its kind)."""
    for message in person.get("notification", "/inbox")["items"]:
        if about in str(message) and word in f"{message['kind']} {message['title']}".lower():
            found: Json = message
            return found
    return None

"""A real discord.py bot on the fake: buttons, menus, modals and layouts, over sockets."""

import io

import discord as dpy
import pytest

from tests.wire import FakeDiscord, Upload
from tests.wire.errors import UsageError
from tests.wire.samplebot import SampleBot, StartBot


class Lift(dpy.ui.DynamicItem[dpy.ui.Button], template=r"lift:(?P<case>\d+)"):
    """A button that outlives its process: the case number is in its custom_id."""

    def __init__(self, case: int) -> None:
        super().__init__(dpy.ui.Button(label="Lift", custom_id=f"lift:{case}"))
        self.case = case

    @classmethod
    async def from_custom_id(cls, interaction, item, match):
        return cls(int(match["case"]))

    async def callback(self, interaction: dpy.Interaction) -> None:
        await interaction.response.edit_message(content=f"case {self.case} lifted", view=None)


async def test_buttons_and_menus_of_an_ephemeral_message_work_for_its_reader_only(
    discord: FakeDiscord, start_bot: StartBot
):
    bot = SampleBot()

    class Panel(dpy.ui.View):
        @dpy.ui.button(label="Undo")
        async def undo(self, interaction: dpy.Interaction, button: dpy.ui.Button) -> None:
            button.disabled = True
            await interaction.response.edit_message(content="undone", view=self)

        @dpy.ui.select(options=[dpy.SelectOption(label="10 minutes", value="10m"), dpy.SelectOption(label="1 hour")])
        async def preset(self, interaction: dpy.Interaction, select: dpy.ui.Select) -> None:
            await interaction.response.defer()
            await interaction.edit_original_response(content=select.values[0])

        @dpy.ui.select(cls=dpy.ui.UserSelect, max_values=2)
        async def people(self, interaction: dpy.Interaction, select: dpy.ui.UserSelect) -> None:
            await interaction.response.send_message(",".join(one.name for one in select.values), ephemeral=True)

    @bot.tree.command()
    async def panel(interaction: dpy.Interaction) -> None:
        await interaction.response.send_message("panel", view=Panel(), ephemeral=True)

    await start_bot(bot)
    mod, bob = discord.add_member("mod"), discord.add_member("bob")
    shown = (await discord.slash(mod, discord.channel, "panel")).message
    menu, people = (one["custom_id"] for one in shown.selects)
    with pytest.raises(UsageError, match="ephemeral"):
        discord.send_click(bob, shown, label="Undo")
    chosen = await discord.select(mod, shown, menu, ["10m"])
    await chosen.shows("10m")
    assert (await discord.select(mod, shown, people, [bob, "mod"])).text == "bob,mod"
    with pytest.raises(UsageError, match="no option"):
        discord.send_select(mod, shown, menu, ["2h"])
    clicked = await discord.click(mod, shown, label="Undo")
    assert clicked.message is shown
    assert shown.content == "undone"
    with pytest.raises(UsageError, match="disabled"):
        discord.send_click(mod, shown, label="Undo")
    discord.assert_clean()


async def test_a_modal_takes_text_menus_and_files(discord: FakeDiscord, start_bot: StartBot):
    bot = SampleBot()

    class Edit(dpy.ui.Modal, title="Edit"):
        name = dpy.ui.TextInput(label="Name", max_length=10, custom_id="name")
        kind = dpy.ui.Label(
            text="Kind", component=dpy.ui.Select(custom_id="kind", options=[dpy.SelectOption(label="a")])
        )
        note = dpy.ui.Label(text="Note", component=dpy.ui.TextInput(custom_id="note", required=False))
        file = dpy.ui.Label(text="File", component=dpy.ui.FileUpload(custom_id="file"))

        async def on_submit(self, interaction: dpy.Interaction) -> None:
            data = await self.file.component.values[0].read()
            text = f"{self.name.value} {self.kind.component.values} {self.note.component.value!r} {data!r}"
            await interaction.response.send_message(text)

    @bot.tree.command()
    async def edit(interaction: dpy.Interaction) -> None:
        await interaction.response.send_modal(Edit())

    await start_bot(bot)
    mod = discord.add_member("mod")
    shown = await discord.slash(mod, discord.channel, "edit")
    filled = {"name": "news", "kind": ["a"], "file": [Upload("a.txt", b"hello")]}
    reply = await discord.submit(mod, shown, filled)
    assert reply.text == "news ['a'] '' b'hello'"
    with pytest.raises(UsageError, match="1 to 10 characters"):
        discord.send_submit(mod, shown, filled | {"name": "n" * 11})
    with pytest.raises(UsageError, match="no field"):
        discord.send_submit(mod, shown, filled | {"nmae": "x"})
    discord.assert_clean()


async def test_a_components_v2_layout_is_stored_numbered_and_clickable(discord: FakeDiscord, start_bot: StartBot):
    bot = SampleBot()

    class Sheet(dpy.ui.LayoutView):
        box = dpy.ui.Container(dpy.ui.TextDisplay("# Muted"), dpy.ui.Separator(), accent_colour=0x336699)
        row = dpy.ui.ActionRow()

        @row.button(label="Next")
        async def next_page(self, interaction: dpy.Interaction, button: dpy.ui.Button) -> None:
            self.box.add_item(dpy.ui.TextDisplay("page 2"))
            await interaction.response.edit_message(view=self)

    @bot.tree.command()
    async def muted(interaction: dpy.Interaction) -> None:
        await interaction.response.send_message(view=Sheet())

    await start_bot(bot)
    mod = discord.add_member("mod")
    shown = (await discord.slash(mod, discord.channel, "muted")).message
    assert shown.text == "# Muted"
    await discord.click(mod, shown, label="Next")
    assert shown.text == "# Muted\npage 2"
    discord.assert_clean()


async def test_a_dynamic_item_answers_after_the_bot_came_back_as_a_new_process(
    discord: FakeDiscord, start_bot: StartBot
):
    first = SampleBot()

    @first.tree.command()
    async def alert(interaction: dpy.Interaction) -> None:
        view = dpy.ui.View(timeout=None)
        view.add_item(Lift(42))
        await interaction.response.send_message("stuck", view=view)

    await start_bot(first)
    mod = discord.add_member("mod")
    shown = (await discord.slash(mod, discord.channel, "alert")).message
    await first.close()
    await discord.wait_disconnected()
    second = SampleBot()
    second.dynamic, second.sync_on_start = [Lift], False
    await start_bot(second)
    await discord.click(mod, shown, label="Lift")
    assert shown.text == "case 42 lifted"
    assert [one["name"] for one in discord.commands.list()] == ["alert"]
    assert len(discord.sync_calls) == 1


async def test_a_layout_may_show_and_keep_its_files(discord: FakeDiscord, start_bot: StartBot):
    bot = SampleBot()

    class Report(dpy.ui.LayoutView):
        picture = dpy.ui.MediaGallery(dpy.MediaGalleryItem("attachment://a.png"))
        intro = dpy.ui.Section("Report", accessory=dpy.ui.Thumbnail("https://example.org/x.png"))
        table = dpy.ui.File("attachment://b.csv")

    @bot.tree.command()
    async def report(i: dpy.Interaction) -> None:
        files = [dpy.File(io.BytesIO(b"png"), "a.png"), dpy.File(io.BytesIO(b"csv"), "b.csv")]
        await i.response.send_message(view=Report(), files=files)
        shown = await i.original_response()
        await i.edit_original_response(attachments=[*shown.attachments, dpy.File(io.BytesIO(b"c"), "c \u4e2d.txt")])

    await start_bot(bot)
    reply = await discord.slash(discord.add_member("mod"), discord.channel, "report")
    shown = await discord.wait_message(discord.channel, lambda one: len(one.attachments) == 3)
    assert shown is reply.message
    first, second = shown.attachments[:2]
    media = {part["type"]: part for part in shown.components}
    assert media[12]["items"][0]["media"]["url"] == first.url
    assert media[13]["file"]["attachment_id"] == str(second.id)
    assert await bot.http.get_from_cdn(shown.attachments[2].url) == b"c"
    discord.assert_clean()


async def test_a_modal_takes_choices_as_well(discord: FakeDiscord, start_bot: StartBot):
    bot = SampleBot()

    class Ask(dpy.ui.Modal, title="Ask"):
        one = dpy.ui.Label(
            text="One",
            component=dpy.ui.RadioGroup(
                custom_id="one", options=[dpy.RadioGroupOption(label="A", value="a"), dpy.RadioGroupOption(label="B")]
            ),
        )
        many = dpy.ui.Label(
            text="Many",
            component=dpy.ui.CheckboxGroup(
                custom_id="many", max_values=2, options=[dpy.CheckboxGroupOption(label=x) for x in "xyz"]
            ),
        )
        sure = dpy.ui.Label(text="Sure", component=dpy.ui.Checkbox(custom_id="sure"))
        where = dpy.ui.Label(text="Where", component=dpy.ui.ChannelSelect(custom_id="where"))

        async def on_submit(self, i: dpy.Interaction) -> None:
            values = [self.one.component.value, self.many.component.values, self.sure.component.value]
            await i.response.send_message(f"{values} {self.where.component.values[0].name}")

    @bot.tree.command()
    async def ask(i: dpy.Interaction) -> None:
        await i.response.send_modal(Ask())

    await start_bot(bot)
    mod = discord.add_member("mod")
    shown = await discord.slash(mod, discord.channel, "ask")
    filled = {"one": "a", "many": ["x", "z"], "sure": True, "where": ["general"]}
    assert (await discord.submit(mod, shown, filled)).text == "['a', ['x', 'z'], True] general"
    for wrong in ({"one": "c"}, {"one": None}, {"many": ["q"]}, {"many": ["x", "y", "z"]}):
        with pytest.raises(UsageError):
            discord.send_submit(mod, shown, filled | wrong)
    discord.assert_clean()

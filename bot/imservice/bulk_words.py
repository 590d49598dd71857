"""The words that a large random community is made of."""

FIRST = (
    "ada", "aiko", "alex", "amara", "bao", "bruno", "carla", "chen", "dana", "elif", "emre", "fatima", "finn", "grace",
    "hana", "ines", "ivan", "jin", "kira", "lars", "lena", "lin", "luca", "maya", "mei", "milo", "nadia", "noor",
    "omar", "pavel", "priya", "quinn", "rosa", "sam", "sofia", "tariq", "uma", "vera", "wei", "yara", "yun", "zoe",
)  # fmt: skip
LAST = (
    "adeyemi", "berg", "castro", "demir", "eriksen", "fischer", "garcia", "haas", "ivanova", "jensen", "kim",
    "laurent", "mensah", "nakamura", "okafor", "petrov", "qureshi", "rossi", "sato", "tan", "ueda", "varga", "wang",
    "xu", "yilmaz", "zhao",
)  # fmt: skip
TOPICS = (
    "builds", "trading", "raids", "help", "screenshots", "off-topic", "events", "patch-notes", "lore", "music",
    "guilds", "newcomers", "长谈", "交易", "攻略",
)  # fmt: skip
SAID = (
    "Anyone up for a round tonight?",
    "That fight took us nine tries.",
    "Thanks, that worked!",
    "Where do I find the key?",
    "今晚有人一起吗？",
    "更新之后好多了。",
    "Good morning from the harbour.",
    "Sold, thank you.",
    "The map is wrong again.",
    "Two places left, voice on.",
    "谢谢大家！",
    "I would wait for the next patch.",
)
SAVED = (
    "Shopping list for Friday",
    "https://example.com/guides/start",
    "A map that is right",
    "周末计划",
    "Recipe from Lena",
    "https://example.com/patch-notes",
    "攻略：第二个首领",
    "Who owes whom",
    "Screenshot of the first win",
)
EXTS = (None, None, None, None, None, None, None, "builds", "later", "keep")
REACTIONS = ("👍", "😂", "❤️", "🎉", "👀")

"""Pictures of the demo's goods, drawn by us: a shape by the word in the title, coloured like the first variant.

The shapes are in ``shapes.j2``. A product without a word of its own gets a parcel.
"""

from app.models import Product

_SHAPES = """
dress: dress
skirt: skirt
tunic, kebaya, camisole: tunic
tank: tank
bra: bra
trousers, chino, jogger, base layer: trousers
shorts, briefs: shorts
jacket, cardigan, sweater: jacket
hijab: scarf
polo, t-shirt: tee
shirt: shirt
socks: socks
light-up, sneakers, trail, badminton shoes: sneaker
loafers, flats: loafer
sandals, slides: sandal
boots: boot
tote, shopping bag: tote
backpack: backpack
suitcase: suitcase
duffel: duffel
crossbody, sling: handbag
pouch, tablet: tablet
card holder: wallet
toner, sunscreen, lotion, face wash, water bottle: bottle
cream, hair mask, powder: jar
lipstick: lipstick
brush set: brushes
sheet set, towel, swaddle: linen
pillow: pillow
curtain: curtain
basket: basket
diffuser: diffuser
mop: mop
candle: candle
canopy, tent: tent
clock: clock
lamp: lamp
wok: wok
mortar: mortar
lunch box, food container: tiffin
knife: knife
rice cooker: cooker
coffee filter: phin
chopsticks: chopsticks
blender: blender
earbuds: earbuds
charger, power bank, hub: charger
tripod: tripod
keyboard: keyboard
band set: bands
fitness band: watch
fan: fan
speaker: speaker
blocks, magnetic tiles: blocks
buffalo: buffalo
bib: bib
bike: bike
puzzle: puzzle
boats: boat
car: car
paint set: palette
mochi, mooncake, sheet mask: giftbox
mango, coffee bags, fish skin, rice, curry, tea leaves, cashew: foodbag
cake: cake
yoga mat: mat
racket: racket
shuttlecocks: shuttle
dumbbell: dumbbell
goggles: goggles
gloves: gloves
takraw: ball
"""

SHAPES = tuple(
    (word.strip(), shape.strip())
    for words, _, shape in (line.partition(":") for line in _SHAPES.strip().splitlines())
    for word in words.split(",")
)

_COLOURS = {
    "sage": "#8fa68a", "terracotta": "#c46a4a", "indigo": "#34427a", "brown": "#7d5538", "ivory": "#e9dfc9",
    "jade": "#3f8f78", "ruby": "#a82b45", "white": "#d3d0c8", "black": "#2f3338", "sand": "#cdb48c",
    "light blue": "#86aed1", "dark blue": "#31527f", "pink": "#e0a3ad", "cream": "#eadfc4", "oatmeal": "#cfc2a8",
    "navy": "#2b3c5e", "dusty rose": "#c68e8e", "olive": "#77793f", "mint": "#9fcdb8", "sky blue": "#9cc3df",
    "grey": "#8b9299", "maroon": "#6f2a35", "khaki": "#a39668", "charcoal": "#474c52", "orange": "#dd7a33",
    "forest": "#35573f", "ecru": "#e2d6b8", "nude": "#d9b59a", "coral": "#e8765f", "blue": "#3f77b0",
    "tan": "#b98a5c", "green": "#4f8f5b", "red": "#c0392f", "natural": "#cfa972", "beige": "#d8c4a0",
    "silver": "#b6bcc2", "rosewood": "#9c4a4c", "rose gold": "#c98d7c", "wood": "#b08255", "steel": "#a9b0b6",
    "purple": "#7d5ba0", "teal": "#2e8380", "clear": "#b9d3dc", "dark": "#5a4030",
}  # fmt: skip
_GROUNDS = {
    "womens_clothing": ("#f3ece4", "#b5715a"), "mens_clothing": ("#e8ecef", "#48627c"),
    "underwear": ("#f4ebea", "#b98a86"),
    "shoes": ("#ecebe6", "#5d6b78"), "bags": ("#f1ebdf", "#a0784c"), "beauty": ("#f6ebe8", "#7fa08a"),
    "home": ("#eef0e9", "#7d8f79"), "kitchen": ("#eceff0", "#55707c"), "electronics": ("#e9edf1", "#3d4d5e"),
    "toys": ("#f6f0df", "#d98c4a"), "perishables": ("#f3efe0", "#8a9a4b"), "sports": ("#e7efee", "#2e8380"),
}  # fmt: skip
"""By category: the colour behind the goods, and that of goods whose variants name no colour."""


def shape_of(product: Product) -> str:
    """The name of the macro in ``shapes.j2`` that draws it."""
    title = product.title.lower()
    return next((shape for word, shape in SHAPES if word in title), "parcel")


def colours_of(product: Product) -> dict[str, str]:
    """``ground``, ``main``, a darker ``deep`` and a lighter ``pale`` of it."""
    ground, main = _GROUNDS.get(product.category, ("#eef0f1", "#6b7882"))
    for value in product.variants[0].options.values():
        main = _COLOURS.get(value.lower(), main)
    return {"ground": ground, "main": main, "deep": _mix(main, "#1a2430", 0.35), "pale": _mix(main, "#ffffff", 0.45)}


def _mix(colour: str, other: str, share: float) -> str:
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)

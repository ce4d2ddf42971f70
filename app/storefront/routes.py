"""The routes below ``/demo``: three kinds of page, the pictures, the customer switcher and its identity token.

Every answer is refused once the database holds anything but the demo shop. Pages load nothing from elsewhere and
run no inline script; what a shopper or a data file wrote is escaped by the templates.
"""

from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.demo.key import DemoKey
from app.errors import NotFound
from app.language import registry
from app.models import Customer, Order, Product
from app.policies.rules import ReturnsRules
from app.storefront import pictures
from app.storefront.goods import HERO, PICKS, Texts, group
from app.storefront.shopper import COOKIE, CUSTOMERS, describe, is_from_here, signed_in

if TYPE_CHECKING:
    from app.main import Services

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)
"""Content-Security-Policy: also what a shop needs for the widget, with the counter's origin in place of 'self'."""

PAGE_HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
FILE_HEADERS = {"Content-Security-Policy": "default-src 'none'", "Cache-Control": "public, max-age=3600"}
FILES = {
    "storefront.css": "text/css; charset=utf-8",
    "storefront.js": "text/javascript; charset=utf-8",
    "shop.svg": "image/svg+xml",
}
LATEST = 3
RELATED = 4

_TEMPLATES = Environment(
    loader=PackageLoader("app.storefront", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Storefront:
    """Renders the pages from the services that the counter uses itself."""

    def __init__(self, services: "Services", key: DemoKey) -> None:
        self._services = services
        self._key = key

    async def check_demo(self) -> None:
        """Somebody may have imported a shop since the start: then there is nothing to demonstrate."""
        state = await self._services.store.shop_state()
        if state.get("source") != "demo":
            raise NotFound("This database holds a shop's own data; the demo is closed.")

    async def products(self) -> Sequence[Product]:
        return await self._services.store.products()

    async def find(self, product_id: str) -> Product:
        product = next((product for product in await self.products() if product.id == product_id), None)
        if product is None:
            raise NotFound("There is no such product.")
        return product

    def token_for(self, customer: Customer) -> str:
        return self._key.sign(customer.id, self._services.clock())

    async def draw(self, request: Request, template: str, **values: Any) -> HTMLResponse:
        """A page in the language of who is signed in, else in English."""
        customer = signed_in(request)
        language = registry.LANGUAGES[customer.language if customer else "en"]
        text = Texts(language.code)
        groups = group(await self.products())
        page = _TEMPLATES.get_template(template).render(
            t=text,
            language=language,
            shop=self._services.policies.shop,
            days=self._services.policies.rules(ReturnsRules).window_days,
            widget=request.query_params.get("widget") != "off",
            customer=customer,
            customers=[(each.id, describe(each)) for each in CUSTOMERS.values()],
            orders=await self._latest_orders(customer),
            groups=groups,
            path=request.url.path,
            **values,
        )
        return HTMLResponse(page, headers=PAGE_HEADERS)

    async def _latest_orders(self, customer: Customer | None) -> list[tuple[Order, str]]:
        """The newest orders with the word for their status."""
        if customer is None:
            return []
        orders = await self._services.store.find_orders(customer.id)
        label = self._services.wording.label
        return [(order, label(f"status_{order.status.value}", customer.language)) for order in orders[:LATEST]]


def build_router(services: "Services", key: DemoKey) -> APIRouter:
    """The demo's routes; mount them only with KAUNTER_DEMO."""
    shop = Storefront(services, key)
    router = APIRouter(prefix="/demo", include_in_schema=False, dependencies=[Depends(shop.check_demo)])
    _add_pages(router, shop)
    _add_files(router, shop)
    _add_identity(router, shop)
    return router


def _add_pages(router: APIRouter, shop: Storefront) -> None:
    @router.get("")
    async def show_front(request: Request) -> HTMLResponse:
        goods = {product.id: product for product in await shop.products()}
        hero, picks = ([goods[key] for key in keys if key in goods] for keys in (HERO, PICKS))
        return await shop.draw(request, "front.j2", hero=hero, picks=picks)

    @router.get("/departments/{category}")
    async def show_department(category: str, request: Request) -> HTMLResponse:
        products = group(await shop.products()).get(category)
        if products is None:
            raise NotFound("There is no such department.")
        return await shop.draw(request, "department.j2", category=category, products=products)

    @router.get("/products/{product_id}")
    async def show_product(product_id: str, request: Request) -> HTMLResponse:
        product = await shop.find(product_id)
        others = [other for other in await shop.products() if other.category == product.category and other != product]
        return await shop.draw(request, "product.j2", product=product, related=others[:RELATED])


def _add_files(router: APIRouter, shop: Storefront) -> None:
    @router.get("/pictures/{product_id}.svg")
    async def draw_picture(product_id: str) -> Response:
        product = await shop.find(product_id)
        shapes = _TEMPLATES.get_template("shapes.j2").make_module()
        colours = pictures.colours_of(product)
        picture = _TEMPLATES.get_template("picture.j2").render(
            c=colours, drawing=getattr(shapes, pictures.shape_of(product))(colours)
        )
        return Response(picture, media_type="image/svg+xml", headers=FILE_HEADERS)

    @router.get("/{name}.{ending}")
    async def send_file(name: str, ending: str) -> Response:
        file = f"{name}.{ending}"
        if file not in FILES:
            raise NotFound("There is no such file.")
        body = files("app.storefront").joinpath(file).read_bytes()
        return Response(body, media_type=FILES[file], headers=FILE_HEADERS)


def _add_identity(router: APIRouter, shop: Storefront) -> None:
    def only_from_here(request: Request) -> None:
        if not is_from_here(request):
            raise HTTPException(403, "Only the demo's own page may ask this.")

    @router.post("/customer", dependencies=[Depends(only_from_here)])
    async def switch_customer(request: Request) -> Response:
        """Sign in as somebody else, or as nobody, and go back to the same page."""
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        back = form.get("back", [""])[0]
        target = back if back == "/demo" or back.startswith("/demo/") else "/demo"
        response = RedirectResponse(target, 303, {"Cache-Control": "no-store"})
        customer = form.get("customer", [""])[0]
        if customer in CUSTOMERS:
            secure = request.url.scheme == "https"
            response.set_cookie(COOKIE, customer, path="/demo", httponly=True, samesite="strict", secure=secure)
        else:
            response.delete_cookie(COOKIE, path="/demo", httponly=True, samesite="strict")
        return response

    @router.post("/identity", dependencies=[Depends(only_from_here)])
    async def sign_identity(request: Request) -> Response:
        """The JWT of who is signed in; 204 for nobody. What a real shop has at its own address."""
        customer = signed_in(request)
        headers = {"Cache-Control": "no-store"}
        if customer is None:
            return Response(status_code=204, headers=headers)
        return JSONResponse({"token": shop.token_for(customer)}, headers=headers)

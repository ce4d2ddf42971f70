"""Running the server: the port is checked first, so that a taken one is one clear sentence."""

import asyncio
import socket

import uvicorn
from fastapi import FastAPI

from app.config import Settings
from app.errors import PortInUse
from app.logs import configure_logging
from app.main import build_services, create_app

SHUTDOWN_SECONDS = 5
"""Open streams get this long to end; their turns are taken up by the next start."""


def run(settings: Settings) -> None:
    """Serve until interrupted. Raises ConfigurationError."""
    configure_logging(settings.log_level)
    check_port(settings.host, settings.port)
    asyncio.run(_serve(settings))


def check_port(host: str, port: int) -> None:
    """Raises PortInUse when nothing can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUse(
                f"Cannot listen on {host}:{port} ({error.strerror}). Stop what uses it or set KAUNTER_PORT."
            ) from None


async def _serve(settings: Settings) -> None:
    services = await build_services(settings)
    config = configure(create_app(services), settings)
    print(f"Kaunter answers on http://{settings.host}:{settings.port}", flush=True)
    await uvicorn.Server(config).serve()


def configure(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How the server runs; what X-Forwarded-For and -Proto say counts only from KAUNTER_TRUSTED_PROXIES."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,  # addresses and paths with conversation ids are personal data
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )

"""What moto's backends get wrong or lack, put right. One module per service, each with an `install`."""

import importlib
import pkgutil


def install() -> None:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}").install()

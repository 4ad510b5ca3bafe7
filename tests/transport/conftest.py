"""Every asynchronous test of the transport runs on the standard event loop and on uvloop: both carry our
mail.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import uvloop

from leadterra.transport.connections import Limits
from leadterra.transport.courier import Compose, SmtpCourier
from leadterra.transport.timeouts import Timeouts
from leadterra.transport.trust import Trust
from tests.support.smtp_certificates import authority
from tests.support.smtp_letters import MakeCourier, StepClock, compose


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The two loops."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def trust() -> Trust:
    """Believes the throwaway authority."""
    return Trust(authority().file)


@pytest.fixture
async def make_courier(trust: Trust) -> AsyncIterator[MakeCourier]:
    """Makes couriers, and closes them after the test."""
    made = []

    def make(
        timeouts: Timeouts | None = None,
        limits: Limits | None = None,
        composer: Compose = compose,
        trusting: Trust = trust,
        helo_name: str | None = None,
    ) -> SmtpCourier:
        courier = SmtpCourier(
            StepClock(), composer, timeouts=timeouts, limits=limits, trust=trusting, helo_name=helo_name
        )
        made.append(courier)
        return courier

    yield make
    for courier in made:
        await courier.close()


@pytest.fixture
def courier(make_courier: MakeCourier) -> SmtpCourier:
    """A courier with nothing special."""
    return make_courier()

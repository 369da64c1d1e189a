"""Which engine is taken: the fastest of those that give what the processor gives."""

import logging
import time
from dataclasses import replace

import numpy as np
import pytest

from photoclust.core.types import Compute, Engine, ModelId
from photoclust.vision import engines, models, trials

INT8 = Engine(compute=Compute.INT8)
CARD = Engine("cuda")


@pytest.fixture
def made_up(monkeypatch):
    """A model whose engines take the seconds given, and fail or lie where that is asked for."""
    spec = replace(
        models.model_spec("facenet-vggface2"), id=ModelId("made-up"), implementation="made-up"
    )
    monkeypatch.setattr(models, "list_models", lambda: (spec,))
    monkeypatch.setattr(models, "_embedders", {})

    def make(seconds, *, lying=(), failing=(), stepping_back=()):
        @models.embedder("made-up")
        class MadeUp:
            def __init__(self, spec, threads, engine):
                self.spec = spec
                self._seconds, self._lies = seconds[engine], engine in lying
                self.engine = engines.CPU if engine in stepping_back else engine
                if engine in failing:
                    raise RuntimeError("no driver")

            def embed(self, crops):
                time.sleep(self._seconds)
                vectors = np.zeros((len(crops), 512), np.float32)
                vectors[:, int(self._lies)] = 1
                return vectors

        return spec

    return make


def test_the_fastest_is_taken(made_up):
    spec = made_up({CARD: 0.02, INT8: 0.002, engines.CPU: 0.03})
    assert trials.fastest(spec, (CARD, INT8, engines.CPU)) == INT8
    assert trials.fastest(spec, (CARD, engines.CPU)) == CARD


def test_a_little_faster_is_not_worth_other_numbers(made_up):
    spec = made_up({INT8: 0.048, engines.CPU: 0.05})
    assert trials.fastest(spec, (INT8, engines.CPU)) == engines.CPU


@pytest.mark.parametrize("fault", ["lying", "failing", "stepping_back"])
def test_who_fails_or_gives_other_results_is_passed_over(made_up, caplog, fault):
    spec = made_up({CARD: 0.0, INT8: 0.002, engines.CPU: 0.03}, **{fault: (CARD,)})
    with caplog.at_level(logging.WARNING):
        assert trials.fastest(spec, (CARD, INT8, engines.CPU)) == INT8
    assert "cuda float32" in caplog.text


@pytest.mark.parametrize("model_id", ["facenet-vggface2", "centerface", "mtcnn"])
def test_the_bundled_models_can_be_tried(model_id, caplog):
    spec = models.model_spec(model_id)
    possible = engines.possible(spec)
    with caplog.at_level(logging.WARNING):
        assert trials.fastest(spec, possible) in possible
    assert not caplog.records, "their 8-bit forms agree with them"

"""``kaunter language``: anybody can hold the detector to its word on lines of their own."""

import json
from pathlib import Path

from typer.testing import CliRunner

from app.cli_language import app
from app.language.cleaning import SHOP_WORDS as STRIPPED
from app.language.lexicon import load_words
from bench.noise import BRANDS, SHOP_WORDS, add_noise

RUNNER = CliRunner()
FILE = (
    "lang\ttext\n"
    "vi\tđơn hàng của tôi đâu\n"
    "ms|id\tbarang sudah sampai\n"
    "zh\t訂單還沒到\n"
    "tl\tkailan po darating\n"
    'th\tสินค้า "ชำรุด\n'
    "ro\tunde este comanda mea\n"
)


def test_detect_prints_one_object_a_text() -> None:
    result = RUNNER.invoke(app, ["detect", "xin loi shop", "sawasdee krub", "--json"])
    assert result.exit_code == 0
    first, second = json.loads(result.stdout)
    assert (first["language"], first["romanised"]) == ("vi", False)
    assert (second["language"], second["romanised"]) == ("th", True)


def test_detect_takes_a_prior_and_the_served_languages() -> None:
    result = RUNNER.invoke(app, ["detect", "ok", "kapan dikirim", "--prior", "ms", "--languages", "ms,tl", "--json"])
    assert {row["language"] for row in json.loads(result.stdout)} == {"ms"}


def test_eval_knows_double_labels_aliases_and_foreign_languages(tmp_path: Path) -> None:
    path = tmp_path / "lines.tsv"
    path.write_text(FILE, "utf-8")
    report = json.loads(RUNNER.invoke(app, ["eval", str(path), "--json"]).stdout)
    assert report["lines"] == 6
    right = {name: rate["accuracy"] for name, rate in report["languages"].items()}
    assert right == {"vi": 1.0, "ms": 1.0, "zh": 1.0, "tl": 1.0, "th": 1.0, "ro": 0.0}
    assert report["macro"] == round(5 / 6, 4)
    assert {row["is"] for row in report["confusions"]} == {"ro"}
    low, high = report["languages"]["vi"]["interval"]
    assert low < 1.0 == high


def test_eval_prints_a_table(tmp_path: Path) -> None:
    path = tmp_path / "lines.tsv"
    path.write_text(FILE, "utf-8")
    result = RUNNER.invoke(app, ["eval", str(path), "--held-out"])
    assert result.exit_code == 0
    assert "macro" in result.stdout
    assert "messages a second" in result.stdout


def test_eval_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    path = tmp_path / "lines.tsv"
    path.write_text("language\ttext\nvi\tok\n", "utf-8")
    result = RUNNER.invoke(app, ["eval", str(path)])
    assert result.exit_code == 2
    assert "no column lang" in result.stderr
    assert RUNNER.invoke(app, ["eval", str(tmp_path / "none.tsv")]).exit_code == 2


def test_the_noise_of_the_bench_is_in_no_list_of_ours() -> None:
    listed = load_words().keys() | STRIPPED
    assert not listed & {word.lower() for word in (*BRANDS, *SHOP_WORDS)}
    assert add_noise("xin chào", 1) == add_noise("xin chào", 1) != add_noise("xin chào", 2)

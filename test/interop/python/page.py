"""Runs the program of docs/testing-failover.md as it stands there, beside the server that $SERVER names."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
with open(os.path.join(root, "docs/testing-failover.md"), encoding="utf-8") as page:
    program, prints = re.search(r"```python\n(.*?)```\n\nprints\n\n```\n(.*?)```", page.read(), re.S).groups()
with tempfile.TemporaryDirectory() as work:
    shutil.copy(os.environ["SERVER"], os.path.join(work, "server"))
    shutil.copy(os.path.join(root, "examples/server/shop.json"), work)
    got = subprocess.run([sys.executable, "-c", program], cwd=work, capture_output=True, text=True, timeout=60, check=False)
if got.returncode or got.stdout != prints:
    sys.exit(f"docs/testing-failover.md: printed {got.stdout!r}, not {prints!r}\n{got.stderr}")
print("ok: the program of docs/testing-failover.md")

"""A list of named steps, run one after the other; a line for each, and the exit code says whether all passed."""
import asyncio
import inspect
import sys
import traceback


class Steps:
    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, []

    def __call__(self, title):
        """Decorates a function or coroutine function that is to be run now (await the result of a coroutine)."""
        def run(f):
            if inspect.iscoroutinefunction(f):
                return asyncio.ensure_future(self._wait(title, f))
            try:
                result = f()
                self._done(title)
                return result
            except Exception:
                self._done(title, traceback.format_exc(limit=-3))
        return run

    async def _wait(self, title, f):
        try:
            result = await f()
            self._done(title)
            return result
        except Exception:
            self._done(title, traceback.format_exc(limit=-3))

    def _done(self, title, error=None):
        if error:
            self.failed.append(title)
            print(f"FAIL {self.name}: {title}\n{error}")
        else:
            self.passed += 1
            print(f"ok   {self.name}: {title}")

    def end(self):
        print(f"{self.name}: {self.passed} steps passed, {len(self.failed)} failed")
        sys.exit(1 if self.failed else 0)


def refused(error, status, substatus=None, **more):
    """Checks an error of azure-cosmos."""
    assert error.status_code == status, f"{error.status_code}, want {status}: {error}"
    if substatus is not None:
        assert error.sub_status == substatus, f"{error.sub_status}, want {substatus}"

import atexit
import shutil
import subprocess
from unittest.mock import patch

from odoo.tests import HttpCase
from odoo.tests.common import HOST, ChromeBrowser, ChromeBrowserException

#: What a page keeps in the browser: the next test finds none of it.
STORAGE = "cookies,local_storage,indexeddb,service_workers,cache_storage,websql,file_systems"
#: No page but the one of the test: none that is kept for going back, none that Chromium prepares for itself.
SWITCHES = (
    "--disable-back-forward-cache",
    "--disable-component-update",
    "--disable-features=BackForwardCache,MediaRouter,OptimizationHints,PreloadTopChromeWebUI,"
    "SpareRendererForSitePerProcess,Translate",
    "--disable-sync",
)


class SharedBrowser(ChromeBrowser):
    """Odoo's browser, whose process serves several tests, one after the other.

    Odoo starts Chromium for each test, which then compiles the web client anew: more than half of what a short tour
    costs. Here a test gets the tab of the one before, without cookies or anything else that a page keeps, but with
    Chromium's cache of compiled scripts. The browser of a test that fails is not used again.
    """

    #: {whether it is touched: (process, port of the tools, folder of the profile)}
    _running = {}

    def _chrome_start(self, user_data_dir, touch_enabled, headless=True, debug=False):
        self.is_shared = headless and not debug
        process, port, folder = self._running.get(touch_enabled, (None, None, None))
        if not self.is_shared or not process or process.poll() is not None:
            process, port = super()._chrome_start(user_data_dir, touch_enabled, headless=headless, debug=debug)
            if self.is_shared:
                self._running[touch_enabled] = process, port, user_data_dir
            return process, port
        shutil.rmtree(user_data_dir, ignore_errors=True)
        self.user_data_dir = folder
        return process, port

    def _spawn_chrome(self, cmd):
        return super()._spawn_chrome([*cmd[:-1], *SWITCHES, cmd[-1]])

    def stop(self):
        """Leave an empty page behind for the next test, or no browser after a failure."""
        if self.is_shared and not self.had_failure and self._is_successful():
            try:
                self._leave_tab()
                return
            except (ChromeBrowserException, TimeoutError) as error:
                self._logger.info("The browser is not used again: %s", error)
        for key, (process, _port, _folder) in list(self._running.items()):
            if process is self.chrome:
                del self._running[key]
        super().stop()

    def _is_successful(self):
        result = self._result
        return result.done() and not result.cancelled() and not result.exception() and hasattr(self, "ws")

    def _leave_tab(self):
        self.screencaster.stop()
        self._websocket_request("Page.stopLoading")
        self._websocket_request("Runtime.evaluate", params={"expression": "sessionStorage.clear()"})
        self.navigate_to("about:blank", wait_stop=True)
        origin = self.test_case.base_url()
        self._websocket_request("Storage.clearDataForOrigin", params={"origin": origin, "storageTypes": STORAGE})
        for name in ("session_id", "test_request_key"):
            self.delete_cookie(name, domain=HOST)
        self.ws.close()
        self._receiver.join(timeout=5)

    @classmethod
    def stop_all(cls):
        """End the processes, at the end of the test run."""
        while cls._running:
            _key, (process, _port, folder) = cls._running.popitem()
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
            shutil.rmtree(folder, ignore_errors=True)


atexit.register(SharedBrowser.stop_all)


class BrowserCase(HttpCase):
    """Tests with a browser that is kept for the next one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch("odoo.tests.common.ChromeBrowser", SharedBrowser))

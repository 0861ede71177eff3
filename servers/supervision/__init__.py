"""``cim serve``: one supervisor that starts and watches the web workers, the live process and the run service."""

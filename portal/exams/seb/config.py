"""The .seb file of one exam: a property list that opens this exam and nothing beside it."""

from __future__ import annotations

import gzip
import hashlib
import plistlib
from typing import Any
from urllib.parse import urlsplit

PLAIN = b"plnd"  # what follows is not encrypted, gzip inside gzip
MEDIA_TYPE = "application/seb"

STARTS_AN_EXAM, MODERN_VIEW, NOT_ALLOWED, ALLOW = 0, 3, 0, 1
OFF = (
    "allowAudioCapture", "allowBrowsingBackForward", "allowDictation", "allowDictionaryLookup", "allowDisplayMirroring",
    "allowDownUploads", "allowPDFPlugIn", "allowPreferencesWindow", "allowScreenSharing", "allowSiri",
    "allowSpellCheck", "allowSwitchToApplications", "allowUserSwitching", "allowVideoCapture", "allowVirtualMachine",
    "allowWlan", "downloadAndOpenSebConfig", "enableAltEsc", "enableAltF4", "enableAltMouseWheel", "enableAltTab",
    "enableBrowserWindowToolbar", "enableCtrlEsc", "enableEsc", "enableF1", "enableF10", "enableF11", "enableF12",
    "enableF2", "enableF3", "enableF4", "enableF6", "enableF7", "enableF8", "enableF9", "enableJava", "enablePlugIns",
    "enablePrintScreen", "enableRightMouse", "enableStartMenu", "examSessionClearCookiesOnStart",
    "insideSebEnableChangeAPassword", "insideSebEnableLockThisComputer", "insideSebEnableLogOff",
    "insideSebEnableShutDown", "insideSebEnableStartTaskManager", "insideSebEnableSwitchUser", "openDownloads",
    "quitURLConfirm", "removeLocalStorage", "URLFilterEnableContentFilter",
)  # fmt: skip
ON = (
    "audioMute", "blockPopUpWindows", "browserWindowAllowReload", "createNewDesktop", "detectStoppedProcess",
    "enableAppSwitcherCheck", "enableF5", "enableJavaScript", "enableLogging", "enablePrivateClipboard",
    "enableSebBrowser", "enableZoomPage", "enableZoomText", "ignoreExitKeys", "monitorProcesses",
    "newBrowserWindowByLinkBlockForeign", "newBrowserWindowByScriptBlockForeign", "sendBrowserExamKey",
    "showInputLanguage", "showReloadButton", "showTaskBar", "showTime", "URLFilterEnable",
)  # fmt: skip


def settings_for(
    base_url: str, exam_id: int, *, salt: bytes, quit_password: str, sign_in_paths: tuple[str, ...]
) -> dict[str, Any]:
    """The settings of one exam of the site at `base_url`; without a quit password only the end of the exam quits.

    What a browser keeps of its own (local storage) stays: answers wait there until the server has them.
    """
    site = base_url.rstrip("/")
    host = urlsplit(site).netloc
    paths = (*sign_in_paths, f"/exams/{exam_id}", f"/exams/{exam_id}/*", "/exams/attempts/*")
    return {
        **dict.fromkeys(OFF, False),
        **dict.fromkeys(ON, True),
        "originatorVersion": "Mingfa",
        "sebConfigPurpose": STARTS_AN_EXAM,
        "startURL": start_address(site, exam_id),
        "quitURL": quit_address(site, exam_id),
        "allowQuit": bool(quit_password),
        "hashedQuitPassword": hashlib.sha256(quit_password.encode("utf-8")).hexdigest() if quit_password else "",
        "examKeySalt": salt,
        "browserWindowWebView": MODERN_VIEW,
        "browserViewMode": 1,  # the whole screen
        "allowedDisplaysMaxNumber": 1,
        "newBrowserWindowByLinkPolicy": NOT_ALLOWED,
        "newBrowserWindowByScriptPolicy": NOT_ALLOWED,
        "URLFilterRules": [
            {"action": ALLOW, "active": True, "expression": host + path, "regex": False} for path in paths
        ],
    }  # fmt: skip


def start_address(base_url: str, exam_id: int) -> str:
    return f"{base_url.rstrip('/')}/exams/{exam_id}"


def quit_address(base_url: str, exam_id: int) -> str:
    """Going there ends the browser."""
    return f"{base_url.rstrip('/')}/exams/{exam_id}/seb/quit"


def as_xml(settings: dict[str, Any]) -> str:
    return plistlib.dumps(settings, fmt=plistlib.FMT_XML, sort_keys=True).decode("utf-8")


def as_settings(xml: str) -> dict[str, Any]:
    return plistlib.loads(xml.encode("utf-8"), fmt=plistlib.FMT_XML)


def as_file(xml: str) -> bytes:
    """The bytes of the .seb file; the same settings give the same bytes."""
    return gzip.compress(PLAIN + gzip.compress(xml.encode("utf-8"), mtime=0), mtime=0)

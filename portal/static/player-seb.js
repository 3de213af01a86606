/* What Safe Exam Browser tells a page of its keys: hashes with this page's address. Elsewhere nothing is sent. */

const PATIENCE = 2000; // ms the browser has to work its hashes out
const HASH = /^[0-9a-f]{64}$/i;
const FIELDS = { "X-Seb-Page": "seb_page", "X-Seb-Config-Key": "seb_config_key", "X-Seb-Browser-Exam-Key": "seb_browser_exam_key" };

/* SEB 3.0 for macOS and iPad works them out when asked, and calls back by the function's name. */
function asked(security) {
  return new Promise((done) => {
    window.mingfaSebKeys = function mingfaSebKeys() {
      done();
    };
    setTimeout(done, PATIENCE);
    security.updateKeys(window.mingfaSebKeys);
  });
}

/* The headers that go with opening, starting and the pulse; none in another browser. */
export async function headers() {
  const security = window.SafeExamBrowser && window.SafeExamBrowser.security;
  if (!security) return {};
  if (!HASH.test(security.configKey || "") && security.updateKeys) await asked(security);
  if (!HASH.test(security.configKey || "")) return {};
  const own = HASH.test(security.browserExamKey || "") ? security.browserExamKey : "";
  return { "X-Seb-Page": location.href.split("#")[0], "X-Seb-Config-Key": security.configKey, "X-Seb-Browser-Exam-Key": own };
}

/* On the notice: the form that enters the exam carries them, too. */
async function dress(form) {
  const shown = await headers();
  for (const [name, value] of Object.entries(shown)) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name: FIELDS[name], value });
    form.append(input);
  }
  if (!shown["X-Seb-Config-Key"]) return;
  document.getElementById("seb-shown").hidden = false;
  document.getElementById("seb-absent").hidden = true;
}

if (document.getElementById("seb-shown") && document.getElementById("start")) dress(document.getElementById("start"));

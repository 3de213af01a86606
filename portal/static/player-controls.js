/* What the candidate and the browser do to the page: buttons, keys, leaving, coming back. */

const byId = (id) => document.getElementById(id);

export function controls(player, keyboard) {
  buttons(player);
  keyboard.keys({
    asked: () => player.paper && !byId("question").hidden,
    step: (by) => player.show(player.at + by),
    mark: () => player.mark(),
    pick: (index) => {
      const choice = player.parts.rows.choices(player.item, player.words)[index];
      if (choice) player.choose(choice[0]);
      else player.rows.focus(index);
    },
    close: () => player.sheet.close(),
  });
  browser(player);
}

function buttons(player) {
  const on = (id, act) => byId(id).addEventListener("click", act);
  on("previous", () => player.show(player.at - 1));
  on("next", () => player.show(player.at + 1));
  on("mark", () => player.mark());
  on("to-review", () => {
    player.view.letGo(); // what an input method still holds belongs to the answer
    player.sheet.close();
    player.view.unnote("rescue", "extended", "long");
    player.view.only("review");
    player.ending.review();
  });
  on("hide-time", () => {
    player.desk.hidden = !player.desk.hidden;
    player.desk.keep();
  });
}

function browser(player) {
  const look = () => {
    player.waiting.again();
    player.watch.pulse();
  };
  window.addEventListener("hashchange", () => {
    if (location.hash === "#sheet") byId("sheet").focus();
    else if (player.paper && player.wished() && player.wished() !== player.at) player.show(player.wished());
  });
  window.addEventListener("pagehide", () => player.journal.part());
  window.addEventListener("pageshow", (event) => event.persisted && look()); // back from the browser's own cache
  window.addEventListener("offline", () => player.watch.down());
  window.addEventListener("online", () => {
    player.journal.flush();
    player.ending.go();
    look();
  });
  document.addEventListener("visibilitychange", () => document.hidden || look());
  window.addEventListener("focus", look);
}

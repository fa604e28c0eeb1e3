"use strict";
// Moves the cursor over the steps of each run on the page, fills the panel beside it with the state there,
// and draws the arrows. All text comes from the data and is set as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const node = (tag, props, ...kids) => {
    const e = document.createElement(tag);
    for (const [k, v] of Object.entries(props || {})) {
      if (v !== null && v !== undefined) e.setAttribute(k, v);
    }
    e.append(...kids);
    return e;
  };
  const svg = (tag, props) => {
    const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [k, v] of Object.entries(props || {})) e.setAttribute(k, v);
    return e;
  };
  // soft is a text in spans that are broken after brackets, commas and bars only, and between words.
  const soft = text => text.split(" ").flatMap((word, i) => {
    const parts = (word.match(/[^(,|]*[(,|]|[^(,|]+/g) || []).map(p => node("span", { class: "w" }, p));
    return i ? [" ", ...parts] : parts;
  });
  const walking = document.querySelector(".walk") !== null;
  const stages = [];
  const shown = { ghosts: true, holds: true, rest: true }; // what the filters let through
  let active = null;

  class Stage {
    constructor(root, d) {
      Object.assign(this, { root, d, at: 0 });
      this.grid = root.querySelector(".grid");
      this.panel = root.querySelector(".panel");
      this.box = new Map();
      for (const b of this.grid.querySelectorAll(".box")) this.box.set(Number(b.dataset.n), b);
      this.broken = this.firstBroken();
      this.panel.replaceChildren(
        this.title = node("h3"), this.said = node("p", { role: "status", "aria-live": "polite", class: "said" }),
        this.truths = node("ul", { "aria-label": "properties" }),
        this.listing = node("div", { class: "listing", role: "group", "aria-label": "the routine" }),
        this.filters = node("fieldset", { class: "filters", "aria-label": "what is shown" },
          this.filter("ghosts", "ghosts"), this.filter("holds", "what holds"), this.filter("rest", "what did not change")),
        this.table = node("table", { class: "state" }),
      );
      this.all = root.querySelector(".all");
      if (d.arrows.length <= 40) this.all.checked = true;
      this.all.addEventListener("change", () => this.arrows());
      root.addEventListener("click", e => this.click(e));
      root.addEventListener("focusin", () => { active = this; });
      new ResizeObserver(() => this.arrows()).observe(this.grid);
      const lanes = root.querySelector(".lanes"), heads = root.querySelector(".heads");
      lanes.addEventListener("scroll", () => { heads.scrollLeft = lanes.scrollLeft; });
      // The arrow keys lead to steps, so Tab need not go through each of their numbers.
      for (const a of this.grid.querySelectorAll(".no")) a.tabIndex = -1;
      this.branch = root.querySelector(".branch");
      this.paired = root.closest(".pair") !== null;
    }

    // filter is a box to tick.
    filter(key, text) {
      const box = node("input", { type: "checkbox", "data-filter": key });
      box.checked = shown[key];
      box.addEventListener("change", () => {
        shown[key] = box.checked;
        for (const s of stages) s.go(s.at, true);
      });
      return node("label", {}, box, text);
    }

    // beside is the next state on, or back, whose step is of the same CPU.
    beside(by) {
      const lane = i => this.box.get(this.d.states[i].n)?.style.gridColumnStart;
      let i = this.at + by;
      while (i > 0 && i < this.d.states.length && this.at > 0 && lane(i) !== lane(this.at)) i += by;
      return i;
    }

    // firstBroken is, of each property, the index of the first state that violates it.
    firstBroken() {
      return this.d.props.map((_, p) => this.d.states.findIndex(s => s.truth[p] === "b"));
    }

    click(e) {
      active = this;
      const go = e.target.closest("[data-go]");
      if (go) return this.go({ first: 0, back: this.at - 1, on: this.at + 1, last: this.d.states.length - 1 }[go.dataset.go]);
      if (e.target.closest("a.move")) return;
      const link = e.target.closest("a[href*='#']");
      if (link) {
        const [stage, i] = find(link.hash);
        if (stage === this) { e.preventDefault(); this.go(i); }
        return;
      }
      const box = e.target.closest(".box");
      if (box && !getSelection().toString()) this.go(this.index(Number(box.dataset.n)));
    }

    // index is the place of the state after n steps.
    index(n) { return this.d.states.findIndex(s => s.n === n); }

    go(i, quietly) {
      // Of two runs side by side the cursor is at the same step, as far as each goes.
      if (this.paired) {
        for (const s of stages) if (s !== this && s.at !== i && i >= 0 && i < s.d.states.length) s.move(i, true);
      }
      this.move(i, quietly);
    }

    move(i, quietly) {
      if (i < 0 || i >= this.d.states.length) return;
      this.at = i;
      const s = this.d.states[i];
      for (const b of this.grid.querySelectorAll("[aria-current]")) b.removeAttribute("aria-current");
      const box = this.box.get(s.n);
      if (box) {
        box.setAttribute("aria-current", "step");
        if (!quietly) box.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
      this.root.querySelector(".at").textContent = `step ${s.n} of ${this.d.states[this.d.states.length - 1].n}`;
      for (const [k, b] of [["ghosts", 0], ["holds", 1], ["rest", 2]]) this.filters.querySelectorAll("input")[b].checked = shown[k];
      this.fill(i, s);
      this.wayOn(s);
      this.arrows();
      if (!quietly) {
        const hash = "#" + this.d.id.split("/").map(encodeURIComponent).join("/") + "/" + s.n;
        try { history.replaceState(null, "", location.search + hash); } catch { location.hash = hash; }
      }
    }

    // wayOn leads on from the step at the cursor, in the explorer.
    wayOn(s) {
      if (!this.branch) return;
      const w = this.d.walk, path = w.words.slice(0, s.n).join("-");
      this.branch.hidden = s.n === w.words.length;
      this.branch.href = "/?of=" + encodeURIComponent(w.of) + "&path=" + path;
      this.branch.querySelector(".from").textContent = s.n ? `go on from step ${s.n}` : "go on from the start";
      this.root.querySelector("input[name=path]").value = path;
    }

    // values is what each row has in state i, and what it had before.
    values(i) {
      const now = new Map(), before = new Map();
      for (let k = 0; k <= i; k++) {
        if (k === i) for (const [r, c] of now) before.set(r, c);
        for (const c of this.d.states[k].set) c.t === "" ? now.delete(c.r) : now.set(c.r, c);
      }
      return [now, before];
    }

    fill(i, s) {
      this.title.textContent = i === 0 ? "Before the first step" : `After step ${s.n}`;
      this.said.replaceChildren(...soft(s.title));
      this.truths.replaceChildren(...this.d.props.map((name, p) => this.truth(name, p, i, s))
        .filter(li => shown.holds || !li.classList.contains("truth-k")));
      this.lists(s);
      const [now, before] = this.values(i);
      const changed = new Set(i === 0 ? [] : s.set.map(c => c.r));
      const groups = new Map();
      const order = this.d.rows.map((_, r) => r).sort((a, b) => this.d.rows[a].k - this.d.rows[b].k || a - b);
      order.forEach(r => {
        const row = this.d.rows[r];
        if (!now.has(r) || !shown.ghosts && row.g === "ghosts" || !shown.rest && !changed.has(r) && i > 0) return;
        if (!groups.has(row.g)) groups.set(row.g, []);
        groups.get(row.g).push(this.row(row.n, now.get(r), changed.has(r) ? before.get(r) : null, changed.has(r)));
      });
      this.table.replaceChildren(node("caption", { class: "sr" }, "values"), ...this.ordered(groups));
    }

    // ordered is the groups, the shared variables first and the ghosts last.
    ordered(groups) {
      const rank = g => g === "shared variables" ? 0 : g === "ghosts" ? 2 : 1;
      return [...groups].sort((a, b) => rank(a[0]) - rank(b[0])).map(([g, rows]) => node("tbody", {},
        node("tr", {}, node("th", { colspan: "2", scope: "rowgroup" }, g)), ...rows));
    }

    row(name, cell, before, changed) {
      const td = node("td", {}, node("span", { class: "value" }, ...soft(cell.t)));
      if (cell.n) td.append(" ", node("span", { class: "raw" }, `(${cell.n})`));
      if (changed) td.append(" ", node("span", { class: "was" }, ...soft(before ? `was ${before.t}` : "new")));
      return node("tr", { class: changed ? "changed" : null }, node("th", { scope: "row" }, ...soft(name)), td);
    }

    truth(name, p, i, s) {
      const first = this.broken[p];
      let kind = s.truth[p], text = { k: "\u2713 holds so far", b: "\u2717 violated here", o: "\u2026 still owed" }[kind];
      if (first >= 0 && i > first && kind !== "b") [kind, text] = ["s", `\u2717 violated by step ${this.d.states[first].n}`];
      return node("li", { class: "truth-" + kind }, ...soft(`${text}: ${name}`));
    }

    // lists shows the routine that the step is in.
    lists(s) {
      const at = s.at || (s.next.length ? s.next[0] : null);
      const from = at && document.querySelector(`.model [data-listing="${at.l}"]`);
      if (!from) return this.listing.replaceChildren();
      const ol = from.querySelector("ol").cloneNode(true);
      ol.setAttribute("aria-label", "statements of the routine");
      if (s.at) {
        const li = ol.children[s.at.i];
        li.setAttribute("aria-current", "true");
        li.append(node("span", { class: "sr" }, " (this step)"));
      }
      for (const n of s.next) {
        if (n.l !== at.l) continue;
        const li = ol.children[n.i];
        let who = li.querySelector(".stands");
        if (!who) li.append(who = node("span", { class: "stands" }));
        who.textContent += (who.textContent ? ", " : "next of ") + n.cpu;
      }
      const name = from.querySelector("summary").cloneNode(true);
      this.listing.replaceChildren(node("h3", {}, ...name.childNodes), this.near(ol, at.i));
    }

    // near leaves of a listing the lines around one, and those at which a CPU stands.
    near(ol, at) {
      let left = 0;
      [...ol.children].forEach((li, i) => {
        li.value = i + 1;
        if (Math.abs(i - at) <= 5 || li.querySelector(".stands")) {
          left = 0;
        } else if (left++) {
          li.remove();
        } else {
          li.replaceChildren("\u2026");
          li.className = "cut-lines";
        }
      });
      return ol;
    }

    arrows() {
      this.canvas?.remove();
      const n = this.d.states[this.at].n;
      for (const b of this.grid.querySelectorAll(".cause")) b.classList.remove("cause");
      const canvas = this.canvas = svg("svg", { "aria-hidden": "true" });
      canvas.append(...["reads", "ipi", "flush"].map(k => this.head(k)));
      for (const a of this.d.arrows) {
        const on = a.t === n || a.f === n;
        if (!on && (!this.all.checked || a.s)) continue;
        if (a.t === n) this.box.get(a.f)?.classList.add("cause");
        canvas.append(this.arrow(a, on));
      }
      this.grid.append(canvas);
    }

    head(kind) {
      const m = svg("marker", { id: `m${this.root.dataset.stage}-${kind}`, viewBox: "0 0 8 8", refX: 7, refY: 4,
        markerWidth: 8, markerHeight: 8, orient: "auto", markerUnits: "userSpaceOnUse" });
      m.append(svg("path", { d: "M0,0 L8,4 L0,8 z", class: "m-" + kind }));
      return m;
    }

    arrow(a, on) {
      const [from, to] = [this.box.get(a.f), this.box.get(a.t)];
      const right = b => b.offsetLeft + b.offsetWidth, mid = b => b.offsetTop + Math.min(14, b.offsetHeight / 2);
      let x1, x2, bend;
      if (to.offsetLeft >= right(from)) [x1, x2, bend] = [right(from), to.offsetLeft, 20];
      else if (right(to) <= from.offsetLeft) [x1, x2, bend] = [from.offsetLeft, right(to), -20];
      else [x1, x2, bend] = [right(from), right(to), 30];
      const [y1, y2] = [mid(from), mid(to)];
      const back = x1 === right(from) && x2 === right(to);
      const path = svg("path", { d: `M${x1},${y1} C${x1 + bend},${y1} ${back ? x2 + bend : x2 - bend},${y2} ${x2},${y2}`,
        class: `${a.k}-arrow${on ? " on" : ""}`, "marker-end": `url(#m${this.root.dataset.stage}-${a.k})` });
      const tip = svg("title");
      tip.textContent = `${a.v}, step ${a.f} to step ${a.t}`;
      path.append(tip);
      return path;
    }
  }

  // find is the stage and the state that a fragment names.
  function find(hash) {
    const parts = hash.replace(/^#/, "").split("/").map(p => { try { return decodeURIComponent(p); } catch { return p; } });
    for (const s of stages) {
      const id = s.d.id.split("/");
      if (id.every((p, i) => parts[i] === p)) {
        const i = s.index(Number(parts[id.length] || 0));
        return [s, i < 0 ? 0 : i];
      }
    }
    return [null, 0];
  }

  // open shows a run, and of those that stand beside it none.
  function open(stage) {
    active = stage;
    const report = stage.root.closest(".report");
    for (const s of stages) {
      if (s.root.closest(".report") === report) s.root.hidden = s !== stage;
    }
    for (const tab of report?.querySelectorAll(".tab") || []) {
      find(tab.hash)[0] === stage ? tab.setAttribute("aria-current", "true") : tab.removeAttribute("aria-current");
    }
    const top = stage.root.querySelector(".top");
    document.documentElement.style.scrollPaddingTop = `${getComputedStyle(top).position === "sticky" ? top.offsetHeight + 8 : 40}px`;
  }

  function show() {
    const [stage, i] = find(location.hash);
    if (!stage) return false;
    open(stage);
    stage.go(i, true);
    stage.root.querySelector(".lanes").focus({ preventScroll: true });
    (stage.box.get(stage.d.states[i].n) || stage.root).scrollIntoView({ block: "center" });
    return true;
  }

  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.target.closest("input, select, textarea")) return;
    const move = document.querySelector(`a[data-key="${CSS.escape(e.key)}"]:not([hidden])`);
    if (move) { move.click(); return; }
    if (!active) return;
    const inside = active.root.contains(e.target);
    const last = active.d.states.length - 1;
    const side = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    const to = { j: active.at + 1, k: active.at - 1 }[e.key]
      ?? (inside ? { ArrowDown: active.at + 1, ArrowUp: active.at - 1, Home: 0, End: last }[e.key] : undefined)
      ?? (inside && side ? active.beside(side) : undefined);
    if (to === undefined) return;
    e.preventDefault();
    active.go(to);
  });

  document.querySelectorAll(".stage").forEach((root, i) => {
    const s = new Stage(root, data.stages[i]);
    stages.push(s);
    s.go(walking ? s.d.states.length - 1 : 0, true);
  });
  for (const s of stages.slice().reverse()) open(s); // the first of each report is left
  active = stages[0] || null;
  // What is folded, or stands behind a tab, is printed too.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details.facts:not([open]), details.all-findings:not([open])")];
    folded.forEach(d => { d.open = true; });
    stages.forEach(s => { s.root.hidden = false; });
  });
  addEventListener("afterprint", () => {
    folded.forEach(d => { d.open = false; });
    const was = active;
    for (const s of stages.slice().reverse()) open(s);
    if (was) open(was);
  });
  addEventListener("hashchange", show);
  // The browser goes to the fragment too, and takes the focus away: once it has, it is ours again.
  addEventListener("load", () => setTimeout(show));
  if (!show() && active) {
    active.root.querySelector(".lanes").focus({ preventScroll: true });
    if (walking) (document.querySelector(".moves") || active.box.get(active.d.states[active.at].n))?.scrollIntoView({ block: "center" });
  }
})();

/* A text of the paper onto the page. What is more than plain text comes from the server as a tree of a few tags and is
   built node by node: no markup is ever parsed here. A node is a text or [tag, attributes, nodes]. */

const GAP = "____";
const TAGS = ["p", "br", "strong", "em", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"];

export class Text {
  /* `pictures` came with the paper: SHA-256 → [media type, base64]. */
  pictures = {};

  /* `tree` may be missing: then it is the plain text, with its blanks where `gaps` says there are some. */
  put(holder, text, tree, gaps = false) {
    this.gaps = 0;
    holder.classList.toggle("mf-rich", Boolean(tree));
    holder.replaceChildren(...(tree ? tree.map((node) => this.node(node)) : this.plain(text, gaps)));
  }

  plain(text, gaps) {
    if (!gaps) return [text];
    return text.split(GAP).flatMap((part, index) => (index ? [this.gap(), part] : [part]));
  }

  /* The number of the blank on a line. */
  gap() {
    const gap = document.createElement("span");
    gap.className = "mf-gap";
    gap.textContent = `(${(this.gaps += 1)})`;
    return gap;
  }

  node(node) {
    if (typeof node === "string") return document.createTextNode(node);
    const [tag, attributes, inside] = node;
    if (tag === "gap") return this.gap();
    if (tag === "img") return this.picture(attributes);
    if (!TAGS.includes(tag)) return document.createTextNode(words(inside));
    const made = document.createElement(tag);
    if (attributes.start) made.setAttribute("start", attributes.start);
    made.append(...inside.map((child) => this.node(child)));
    if (tag !== "table") return made;
    made.className = "mf-table mf-rich__table";
    const scroll = document.createElement("div"); // a wide table scrolls, the page does not
    scroll.className = "mf-scroll";
    scroll.tabIndex = 0;
    scroll.append(made);
    return scroll;
  }

  picture({ src, alt }) {
    const picture = document.createElement("img");
    picture.alt = alt || "";
    picture.src = this.address(src);
    return picture;
  }

  address(sha256) {
    const [type, content] = this.pictures[sha256] || ["image/png", ""];
    return `data:${type};base64,${content}`;
  }

  words(tree) {
    return words(tree);
  }
}

/* What a tree says in words alone, for the entries of a list to choose from. */
function words(tree) {
  return tree
    .map((node) => (typeof node === "string" ? node : node[0] === "img" ? node[1].alt || "" : words(node[2])))
    .join("");
}

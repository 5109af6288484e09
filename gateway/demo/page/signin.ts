import { h } from "./dom.ts";
import { Avatar, nameOf } from "./person.ts";
import { cast } from "./settings.ts";

/** signInForm asks for a name, or a token where the server wants one. */
export function signInForm(number: number, why: string, signIn: (token: string) => void, remove: () => void): HTMLElement {
  const field = h("input", { type: "text", id: `token-${number}`, required: true, autocomplete: "off", spellcheck: false, placeholder: "zoe" });
  field.setAttribute("autocapitalize", "none");
  const submit = (e: Event) => {
    e.preventDefault();
    const token = field.value.trim();
    if (token) signIn(token);
  };
  const quick = cast.slice(0, 4).map((id) => h("li", {}, h("button", { type: "button", className: "quick", onclick: () => signIn(id) }, new Avatar(id).element, nameOf(id))));
  return h("form", { className: "sign-in", onsubmit: submit },
    h("h2", { id: `pane-${number}` }, "Sign in as anyone"),
    h("ul", { className: "quicks" }, ...quick),
    h("label", { htmlFor: field.id }, "or somebody else (where the server asks for tokens: a token)"),
    h("div", { className: "line" }, field, h("button", {}, "Sign in")),
    h("p", { className: "trouble", role: "status" }, why),
    h("button", { type: "button", className: "quiet", onclick: remove }, "Close this window"));
}

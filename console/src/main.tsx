/** Where the console starts. */
import { createRoot } from "react-dom/client";
import { applyLang } from "./shell/i18n";
import "./shell/shell.css";
import { applyLook } from "./shell/look";

applyLook();
applyLang();
const root = document.getElementById("root");
// `/appeal` is short enough to be told in an announcement.
const isPublic = /^\/(public\/|appeal$)/.test(window.location.pathname);
const { Root } = isPublic ? await import("./public/root") : await import("./app");
if (root) createRoot(root).render(<Root />);

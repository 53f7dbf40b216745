/** Where the console starts. */
import { createRoot } from "react-dom/client";
import { applyLang } from "./shell/i18n";
import "./shell/shell.css";
import { applyLook } from "./shell/look";

applyLook();
applyLang();
const root = document.getElementById("root");
const { Root } = window.location.pathname.startsWith("/public/") ? await import("./public/root") : await import("./app");
if (root) createRoot(root).render(<Root />);

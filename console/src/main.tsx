/** Where the console starts. */
import { createRoot } from "react-dom/client";
import { Console } from "./app";
import { applyLang } from "./shell/i18n";
import "./shell/shell.css";
import { applyLook } from "./shell/theme";

applyLook();
applyLang();
const root = document.getElementById("root");
if (root) createRoot(root).render(<Console />);

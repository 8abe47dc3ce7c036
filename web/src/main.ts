import { mount } from "svelte";
import App from "./App.svelte";
import "./style.css";
import { takeToken } from "./session.svelte";

takeToken();
mount(App, { target: document.getElementById("app")! });

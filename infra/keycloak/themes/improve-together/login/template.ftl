<#-- The frame around every page of signing in. Fields in Keycloak's pages carry a tab order of their own, which takes the
     focus out of reading order; it is taken out here, for all pages at once. The link that uses a passkey is made a
     button and stands above name and password: whoever has a passkey needs neither. Nobody may have two passkeys of one
     name, so the name that is proposed for a new one tells when it was made. -->
<#macro registrationLayout bodyClass="" displayInfo=false displayMessage=true displayRequiredFields=false>
<#assign header><#if pageId = "login-otp" || pageId = "webauthn-authenticate">${msg("confirmTitle")}<#else><#nested "header"></#if></#assign>
<#assign heading = header?markup_string?replace('<[^>]*>', '', 'r')?trim?no_esc>
<#assign nested_form><#nested "form"></#assign>
<#assign made = .now?string("d MMMM yyyy, HH:mm:ss")>
<#assign form = nested_form?markup_string?replace(' tabindex="[0-9]+"', '', 'r')
  ?replace('initLabel : "([^"]*)"', 'initLabel : "$1, ' + made + '"', 'r')>
<#assign passkey = form?matches('<a id="authenticateWebAuthnButton" href="#"[^>]*>([^<]*)</a>')>
<#assign issuers><#nested "socialProviders"></#assign>
<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="robots" content="noindex">
  <title>${heading} - ${msg("serviceName")}</title>
  <link rel="icon" href="data:,">
  <#list properties.styles?split(' ') as style>
  <link href="${url.resourcesPath}/${style}" rel="stylesheet">
  </#list>
  <script type="importmap">{"imports": {"rfc4648": "${url.resourcesCommonPath}/vendor/rfc4648/rfc4648.js"}}</script>
  <#if scripts??><#list scripts as script><script src="${script}"></script></#list></#if>
  <script type="module">
    <#outputformat "JavaScript">
    import { startSessionPolling } from ${(url.resourcesPath + "/js/authChecker.js")?c};
    startSessionPolling(${url.ssoLoginInOtherTabsUrl?c});
    </#outputformat>
  </script>
  <#if authenticationSession??>
  <script type="module">
    <#outputformat "JavaScript">
    import { checkAuthSession } from ${(url.resourcesPath + "/js/authChecker.js")?c};
    checkAuthSession(${authenticationSession.authSessionIdHash?c});
    </#outputformat>
  </script>
  </#if>
</head>
<body data-page-id="login-${pageId}">
<a class="app-skip" href="#maincontent">${msg("skipToContent")}</a>
<header class="app-header"><div class="app-width"><span class="app-header__name">${msg("serviceName")}</span></div></header>
<main class="app-width" id="maincontent">
  <h1 id="kc-page-title">${heading}</h1>
  <#if auth?has_content && auth.showUsername() && !auth.showResetCredentials()>
  <p id="kc-username">${msg("signingInAs")} <strong id="kc-attempted-username">${auth.attemptedUsername}</strong>. <a id="reset-login" href="${url.loginRestartFlowUrl}">${msg("notYou")}</a></p>
  </#if>
  <#if displayMessage && message?has_content && (message.type != 'warning' || !isAppInitiatedAction??)>
  <div class="alert-${message.type} ${properties.kcAlertClass!}" role="<#if message.type = 'error'>alert<#else>status</#if>">
    <span class="${properties.kcAlertTitleClass!}">${kcSanitize(message.summary)?no_esc}</span>
  </div>
  </#if>
  <#-- A work account first: most people have one. -->
  <div class="app-issuers-first">${issuers?markup_string?replace(' tabindex="[0-9]+"', '', 'r')?replace(' type="button" href', ' href')?no_esc}</div>
  <#if pageId = "webauthn-register"><p>${msg("whatAPasskeyIs")}</p><p>${msg((isAppInitiatedAction??)?then("noPasskeyChangesNothing", "noPasskeyOnThisDevice"))}</p></#if>
  <#if passkey?has_content>
  <button class="app-button app-button--quiet app-passkey" id="authenticateWebAuthnButton" type="button">${passkey[0]?groups[1]?trim?no_esc}</button>
  <noscript><style>.app-passkey { display: none; }</style></noscript>
  </#if>
  ${(passkey?has_content)?then(form?replace(passkey[0], ""), form)?no_esc}
  <#if auth?has_content && auth.showTryAnotherWayLink()>
  <form id="kc-select-try-another-way-form" action="${url.loginAction}" method="post">
    <input type="hidden" name="tryAnotherWay" value="on">
    <button class="app-link" id="try-another-way" type="submit">${msg("doTryAnotherWay")}</button>
  </form>
  </#if>
  <#if displayInfo><div id="kc-info"><#nested "info"></div></#if>
</main>
<footer class="app-footer"><div class="app-width"><p>${msg("whoWeAreNot")}</p></div></footer>
</body>
</html>
</#macro>

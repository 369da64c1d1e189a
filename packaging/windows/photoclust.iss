; Inno Setup 6: the installer for Windows, of the folder that packaging/build_app.py makes there.
; UNTESTED: no Windows was at hand.
;   python packaging\build_app.py build
;   iscc /DVersion=0.1.0 packaging\windows\photoclust.iss

#ifndef Version
  #error Say which version it is: /DVersion=0.1.0
#endif

[Setup]
AppId={{6E2D3B6C-8E0B-4C55-9D0B-6F6F0A5A7C11}
AppName=photoclust
AppVersion={#Version}
AppPublisher=photoclust maintainers
VersionInfoVersion={#Version}
LicenseFile=..\..\LICENSE
; For one user or for all, as who installs it may: neither asks for more rights than it needs.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
DefaultDirName={autopf}\photoclust
DefaultGroupName=photoclust
DisableProgramGroupPage=yes
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
UninstallDisplayIcon={app}\photoclust-window.exe
OutputBaseFilename=photoclust-{#Version}-windows
Compression=lzma2
SolidCompression=yes
WizardStyle=modern
ChangesAssociations=yes
ChangesEnvironment=yes

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"

[CustomMessages]
en.OpenWith=Find people with photoclust
de.OpenWith=Personen mit photoclust finden
en.AddToPath=Let the command photoclust be found in every terminal
de.AddToPath=Den Befehl photoclust in jedem Terminal verfügbar machen

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "path"; Description: "{cm:AddToPath}"; Flags: unchecked

[Files]
Source: "..\..\build\photoclust\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs

[Icons]
Name: "{group}\photoclust"; Filename: "{app}\photoclust-window.exe"
Name: "{autodesktop}\photoclust"; Filename: "{app}\photoclust-window.exe"; Tasks: desktopicon

[Registry]
; In the menu of a folder, and among what a photo can be opened with; nothing is made the default.
Root: HKA; Subkey: "Software\Classes\Directory\shell\photoclust"; ValueType: string; ValueData: "{cm:OpenWith}"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Directory\shell\photoclust"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\photoclust-window.exe"
Root: HKA; Subkey: "Software\Classes\Directory\shell\photoclust\command"; ValueType: string; ValueData: """{app}\photoclust-window.exe"" open ""%1"""
Root: HKA; Subkey: "Software\Classes\Applications\photoclust-window.exe\shell\open\command"; ValueType: string; ValueData: """{app}\photoclust-window.exe"" open ""%1"""; Flags: uninsdeletekey
Root: HKCU; Subkey: "Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Tasks: path; Check: IsNotOnPath

[Run]
Filename: "{app}\photoclust-window.exe"; Description: "{cm:LaunchProgram,photoclust}"; Flags: nowait postinstall skipifsilent

[Code]
function IsNotOnPath: Boolean;
var
  Path: string;
begin
  if not RegQueryStringValue(HKCU, 'Environment', 'Path', Path) then
    Path := '';
  Result := Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Path) + ';') = 0;
end;

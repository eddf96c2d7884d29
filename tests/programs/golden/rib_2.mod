MODULE rib_2
  ! Weld by the procedure fillet, armed.
  ! Wire feed 7 m/min, 160 A, 20 V, 8 mm/s.
  PERS tooldata tWeldCell:=[TRUE,[[0.000,0.000,300.000],[1.0000000,0.0000000,0.0000000,0.0000000]],[4,[0.0,0.0,150.0],[1,0,0,0],0,0,0]];
  PERS wobjdata wobjWeldCell:=[FALSE,TRUE,"",[[950.000,-100.000,250.000],[0.7071068,0.0000000,0.0000000,0.7071068]],[[0,0,0],[1,0,0,0]]];
  LOCAL PERS seamdata smWeld:=[0,0.5,[0,0,0,0,0,0,0,0,0],0,0,0,0,0,[0,0,0,0,0,0,0,0,0],0,0,[0,0,0,0,0,0,0,0,0],0,0,[0,0,0,0,0,0,0,0,0],1.0];
  LOCAL PERS welddata wdWeld:=[8.00,0,[0,0,20.0,116.67,0,160,0,0,0],[0,0,0,0,0,0,0,0,0]];
  LOCAL CONST speeddata vFree:=[200,100,5000,1000];
  LOCAL CONST speeddata vTool800:=[8.00,500,5000,1000];
  LOCAL CONST speeddata vTool5000:=[50.00,500,5000,1000];
  LOCAL CONST zonedata zWeld10:=[FALSE,1.0,1.50,1.50,0.1,1.50,0.1];
  LOCAL CONST jointtarget j0:=[[0.0000,0.0000,0.0000,0.0000,90.0000,0.0000],[9E+09,9E+09,9E+09,9E+09,9E+09,9E+09]];
  LOCAL CONST jointtarget j1:=[[-3.1683,9.5143,33.1205,-13.1420,31.3692,-114.2107],[9E+09,9E+09,9E+09,9E+09,9E+09,9E+09]];
  LOCAL CONST robtarget p2:=[[0.000,0.000,0.000],[0.1171199,0.9510736,0.2666168,-0.1032343],[-1,-1,-2,0],[9E+09,9E+09,9E+09,9E+09,9E+09,9E+09]];
  LOCAL CONST robtarget p3:=[[80.000,0.000,0.000],[0.1171199,0.9510736,0.2666168,-0.1032343],[0,-1,-2,0],[9E+09,9E+09,9E+09,9E+09,9E+09,9E+09]];
  LOCAL CONST robtarget p4v:=[[108.284,11.716,0.000],[0.1171199,0.9510736,0.2666168,-0.1032343],[0,-1,-2,0],[9E+09,9E+09,9E+09,9E+09,9E+09,9E+09]];
  LOCAL CONST robtarget p4:=[[120.000,40.000,0.000],[0.1171199,0.9510736,0.2666168,-0.1032343],[0,-1,-2,0],[9E+09,9E+09,9E+09,9E+09,9E+09,9E+09]];
  LOCAL CONST robtarget p5:=[[120.000,40.000,60.000],[0.1171199,0.9510736,0.2666168,-0.1032343],[0,-1,-2,0],[9E+09,9E+09,9E+09,9E+09,9E+09,9E+09]];

  PROC rrib_2()
    MoveAbsJ j0,vFree,fine,tWeldCell\WObj:=wobjWeldCell;
    MoveAbsJ j1,vFree,fine,tWeldCell\WObj:=wobjWeldCell;
    ArcLStart p2,vTool5000,smWeld,wdWeld,fine,tWeldCell\WObj:=wobjWeldCell;
    ArcL p3,vTool800,smWeld,wdWeld,zWeld10,tWeldCell\WObj:=wobjWeldCell;
    ArcCEnd p4v,p4,vTool800,smWeld,wdWeld,fine,tWeldCell\WObj:=wobjWeldCell;
    MoveL p5,vTool5000,fine,tWeldCell\WObj:=wobjWeldCell;
  ENDPROC
ENDMODULE

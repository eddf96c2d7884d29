/PROG  RIB_2
/ATTR
OWNER		= MNEDITOR;
COMMENT		= "fillet armed";
CREATE		= DATE 26-11-29  TIME 12:00:00;
MODIFIED	= DATE 26-11-29  TIME 12:00:00;
LINE_COUNT	= 12;
PROTECT		= READ_WRITE;
DEFAULT_GROUP	= 1,*,*,*,*;
CONTROL_CODE	= 00000000 00000000;
/APPL
  ARC Welding Equipment : 1,*,*,*,*;
/MN
   1:  !fillet, armed ;
   2:  !7m/min 160A 20V ;
   3:  UFRAME_NUM=1 ;
   4:  UTOOL_NUM=1 ;
   5:J P[1] 20% FINE    ;
   6:J P[2] 20% FINE    ;
   7:L P[3] 50mm/sec FINE    ;
   8:  Weld Start[1,1] ;
   9:L P[4] 8mm/sec CNT100    ;
  10:C P[5]    
    :  P[6] 8mm/sec FINE    ;
  11:  Weld End[1,1] ;
  12:L P[7] 50mm/sec FINE    ;
/POS
P[1]{
   GP1:
	UF : 1, UT : 1,	
	J1=     0.000 deg,	J2=     0.000 deg,	J3=     0.000 deg,
	J4=     0.000 deg,	J5=   -90.000 deg,	J6=     0.000 deg
};
P[2]{
   GP1:
	UF : 1, UT : 1,	
	J1=    -3.168 deg,	J2=     9.514 deg,	J3=   -42.635 deg,
	J4=    13.142 deg,	J5=   -31.369 deg,	J6=   114.211 deg
};
P[3]{
   GP1:
	UF : 1, UT : 1,		CONFIG : 'N U T, 0, 0, 0',
	X =     0.000  mm,	Y =     0.000  mm,	Z =     0.000  mm,
	W =  170.0000 deg,	P =   15.0000 deg,	R =   30.0000 deg
};
P[4]{
   GP1:
	UF : 1, UT : 1,		CONFIG : 'N U T, 0, 0, 0',
	X =    80.000  mm,	Y =     0.000  mm,	Z =     0.000  mm,
	W =  170.0000 deg,	P =   15.0000 deg,	R =   30.0000 deg
};
P[5]{
   GP1:
	UF : 1, UT : 1,		CONFIG : 'N U T, 0, 0, 0',
	X =   108.284  mm,	Y =    11.716  mm,	Z =     0.000  mm,
	W =  170.0000 deg,	P =   15.0000 deg,	R =   30.0000 deg
};
P[6]{
   GP1:
	UF : 1, UT : 1,		CONFIG : 'N U T, 0, 0, 0',
	X =   120.000  mm,	Y =    40.000  mm,	Z =     0.000  mm,
	W =  170.0000 deg,	P =   15.0000 deg,	R =   30.0000 deg
};
P[7]{
   GP1:
	UF : 1, UT : 1,		CONFIG : 'N U T, 0, 0, 0',
	X =   120.000  mm,	Y =    40.000  mm,	Z =    60.000  mm,
	W =  170.0000 deg,	P =   15.0000 deg,	R =   30.0000 deg
};
/END
